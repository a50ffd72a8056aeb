using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Hawq.Kit;

/// <summary>Finds what displays in mid-cell: the kit's own engine, else .NET Interactive, else nothing. By name, so neither is referenced.</summary>
internal static class NotebookHost
{
    private static readonly MethodInfo? Show = NotebookEngine.Host?.GetMethod("Display", [typeof(object)]);
    private static readonly MethodInfo? Change = NotebookEngine.Host?.GetMethod("Update", [typeof(string), typeof(object)]);

    /// <summary>Shows a value, on the console where nothing else displays; a handle for <see cref="Update"/>, or <see langword="null"/>.</summary>
    public static object? Display(object value)
    {
        var handle = Show is not null ? Call(Show, null, value) : Interactive(value);
        if (handle is null)
        {
            Print(value is IReadOnlyDictionary<string, string> contents ? contents["text/plain"] : Notebook.TextOf(value));
        }

        return handle;
    }

    /// <summary>Shows another value in place of an earlier one.</summary>
    public static void Update(object? handle, object value)
    {
        if (handle is string id)
        {
            Call(Change, null, id, value);
        }
        else
        {
            Call(handle?.GetType().GetMethod("Update"), handle, value);
        }
    }

    /// <summary>Calls a method that was found by its name, if it was. What it throws comes through as it was thrown, so that a cell shows its message.</summary>
    public static object? Call(MethodInfo? method, object? on, params object?[] arguments) =>
        method?.Invoke(on, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null);

    /// <summary>The one place where the library writes to the console: a program without a notebook around it shows things there.</summary>
    [SuppressMessage("ApiDesign", "RS0030", Justification = "What is shown must go somewhere where there is no notebook.")]
    public static void Print(string text) => Console.WriteLine(text);

    /// <summary>KernelInvocationContext.Current.Display(x): unlike display(x), it returns the object that it showed.</summary>
    private static object? Interactive(object value)
    {
        var type = NotebookEngine.Loaded("Microsoft.DotNet.Interactive")?.GetType("Microsoft.DotNet.Interactive.KernelInvocationContext");
        var context = type?.GetProperty("Current", BindingFlags.Public | BindingFlags.Static)?.GetValue(null);
        var shown = value is IReadOnlyDictionary<string, string> contents ? contents["text/plain"] : value;
        return context is null ? null : Call(type!.GetMethod("Display"), context, shown, null);
    }
}
