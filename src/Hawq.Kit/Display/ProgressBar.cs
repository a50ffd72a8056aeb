using System.Net;

namespace Hawq.Kit;

/// <summary>A live bar with the time left, fed by any of the kit's long steps. At most four updates a second are shown.</summary>
/// <remarks>
/// When the user interrupts the cell, the next <c>Report</c> throws <see cref="OperationCanceledException"/>: a fine-tuning stops at its
/// next batch, and the notebook goes on.
/// </remarks>
public sealed class ProgressBar :
    IProgress<TrainingProgress>, IProgress<CurvatureProgress>, IProgress<LandscapeProgress>, IProgress<MetricProgress>, IProgress<DownloadProgress>,
    IProgress<StudyProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan LinePause = TimeSpan.FromSeconds(10);

    private readonly string _title;
    private readonly TimeProvider _time;
    private readonly ProgressPace _pace;
    private readonly object? _handle;
    private long _shown;
    private long _printed;

    internal ProgressBar(string title, TimeProvider time)
    {
        (_title, _time, _pace, _printed) = (title, time, new(time), time.GetTimestamp());
        _handle = NotebookHost.Display(Contents(0, "starting"));
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value) => Show(
        (double)value.Step / value.Steps,
        FormattableString.Invariant($"stage {value.Stage} ({value.StageName}), batch {value.Step:N0} of {value.Steps:N0}"),
        (value.Step, "batches"));

    /// <inheritdoc/>
    public void Report(CurvatureProgress value) => Show(
        (double)value.Done / value.Total,
        $"block {value.Block}, {value.Done} of {value.Total} done{(value.Estimate is { } whole ? $"; in all {whole}" : "")}",
        (value.Done, "blocks"));

    /// <inheritdoc/>
    public void Report(LandscapeProgress value) => Show((double)value.Done / value.Total, $"point {value.Done} of {value.Total}", (value.Done, "points"));

    /// <inheritdoc/>
    public void Report(MetricProgress value) => Show((double)value.Done / value.Total, $"loss change of {value.Block}, {value.Done} of {value.Total} done", (value.Done, "losses"));

    /// <inheritdoc/>
    public void Report(DownloadProgress value) => Show(value.Total is { } total and > 0 ? (double)value.Bytes / total : 0, value.What, (value.Bytes / 1e6, "MB"));

    /// <inheritdoc/>
    public void Report(StudyProgress value) => Show(
        (value.Done + (value.Training is { } t ? (double)t.Step / t.Steps : 0)) / value.Total, $"{value.Done} of {value.Total} done, {value.Cell}", (value.Done, "cells"));

    private void Show(double share, string text, (double Count, string Unit) done)
    {
        NotebookEngine.ThrowIfInterrupted();
        var isLast = share >= 1;
        if (!isLast && _shown != 0 && _time.GetElapsedTime(_shown) < Pause)
        {
            return;
        }

        _shown = _time.GetTimestamp();
        var pace = _pace.Of(share, done.Count, done.Unit);
        Update(Contents(share, isLast ? "done" : pace is null ? text : $"{text}, {pace}"));
    }

    /// <summary>In place where something displays; else, on the console, a line now and then.</summary>
    private void Update(Dictionary<string, string> contents)
    {
        if (_handle is not null)
        {
            NotebookHost.Update(_handle, contents);
        }
        else if (contents["text/plain"].EndsWith("(done)", StringComparison.Ordinal) || _time.GetElapsedTime(_printed) > LinePause)
        {
            _printed = _time.GetTimestamp();
            NotebookHost.Print(contents["text/plain"]);
        }
    }

    private Dictionary<string, string> Contents(double share, string text)
    {
        var percent = FormattableString.Invariant($"{100 * share:F0} %");
        return new()
        {
            ["text/plain"] = $"{_title}: {percent} ({text})",
            ["text/html"] = FormattableString.Invariant(
                $"<div>{WebUtility.HtmlEncode(_title)} <progress value=\"{share:F3}\" max=\"1\">{percent}</progress> {percent}, {WebUtility.HtmlEncode(text)}</div>"),
        };
    }
}
