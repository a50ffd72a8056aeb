"""Checks the installed kernel through jupyter_client, as a front end would use it.

    JUPYTER_DATA_DIR=... /usr/bin/python3 tests/Hawq.Notebooks.Tests/jupyter_check.py [KERNEL_NAME]

Prints one line a check and the measured times; exit code 1 if a check failed.
"""
import queue
import sys
import time

from jupyter_client.manager import start_new_kernel

failed = []


def check(name, holds, received=""):
    print(("ok    " if holds else "FAIL  ") + name + ("" if holds else f": received {received!r}"), flush=True)
    if not holds:
        failed.append(name)


def run(client, code, timeout=60, **options):
    """Executes a cell; its reply and its messages on iopub up to idle."""
    return finish(client, client.execute(code, **options), timeout)


def finish(client, request, timeout=60):
    reply = wait(client.get_shell_msg, request, timeout)
    news = []
    while True:
        message = wait(client.get_iopub_msg, request, timeout)
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return reply["content"], news
        if message["msg_type"] != "status":
            news.append(message)


def wait(get, request, timeout):
    while True:
        message = get(timeout=timeout)
        if message["parent_header"].get("msg_id") == request:
            return message


def ask(client, request, timeout=60):
    return wait(client.get_shell_msg, request, timeout)["content"]


def of(news, kind):
    return [message["content"] for message in news if message["msg_type"] == kind]


def plain(news):
    return [content["data"]["text/plain"] for content in of(news, "execute_result")]


def interrupted(manager, client, code, after):
    """Interrupts a cell; its reply and the seconds from interrupt to reply."""
    request = client.execute(code)
    time.sleep(after)
    begin = time.monotonic()
    manager.interrupt_kernel()
    reply, _ = finish(client, request)
    return reply, time.monotonic() - begin


def check_execution(client):
    reply, news = run(client, "1+1")
    check("execute: reply", reply["status"] == "ok" and reply["execution_count"] == 2, reply)
    check("execute: result", plain(news) == ["2"], news)
    check("execute: input is published", [c["code"] for c in of(news, "execute_input")] == ["1+1"], news)
    check("execute: parent of outputs", all(m["parent_header"]["msg_type"] == "execute_request" for m in news), news)
    _, news = run(client, 'Console.WriteLine("out"); Console.Error.WriteLine("err");')
    check("streams", [(c["name"], c["text"]) for c in of(news, "stream")] == [("stdout", "out\n"), ("stderr", "err\n")], news)
    _, news = run(client, 'var shown = display("one"); shown.Update("two");')
    first, second = of(news, "display_data"), of(news, "update_display_data")
    check("display", [c["data"]["text/plain"] for c in first] == ["one"], news)
    check("update of a display", [c["data"]["text/plain"] for c in second] == ["two"], news)
    check("display ids are equal", bool(first and second) and first[0]["transient"] == second[0]["transient"], news)
    _, news = run(client, 'HTML("<b>x</b>")')
    check("rich result", of(news, "execute_result")[0]["data"].get("text/html") == "<b>x</b>", news)
    reply, news = run(client, "41 + 1", silent=True)
    check("silent: no output", news == [] and reply["execution_count"] == 5, (reply, news))
    reply, news = run(client, "int kept = 7; await Task.Delay(1); kept", store_history=False)
    check("without history: result, same count", plain(news) == ["7"] and reply["execution_count"] == 5, (reply, news))


def check_errors(client):
    reply, news = run(client, 'int before = 5;\n\nthrow new InvalidOperationException("no");')
    check("error: reply", reply["status"] == "error" and reply["ename"] == "InvalidOperationException" and reply["evalue"] == "no", reply)
    check("error: line of the cell", any("line 3" in line for line in reply["traceback"]), reply)
    check("error: published", [c["ename"] for c in of(news, "error")] == ["InvalidOperationException"], news)
    check("error: what was declared before it stays", plain(run(client, "before")[1]) == ["5"])
    reply, _ = run(client, "int x = ;")
    check("compilation error", reply["ename"] == "CompilationError" and "(1,9)" in reply["evalue"], reply)
    requests = [client.execute(code) for code in ('System.Threading.Thread.Sleep(300); throw new Exception("stop");', "1", "2")]
    states = [finish(client, request)[0]["status"] for request in requests]
    check("stop_on_error aborts what waits", states == ["error", "aborted", "aborted"], states)
    requests = [client.execute(code, stop_on_error=False) for code in ('throw new Exception("go on");', "1")]
    states = [finish(client, request)[0]["status"] for request in requests]
    check("stop_on_error=False goes on", states == ["error", "ok"], states)


def check_language(client):
    run(client, "/// <summary>Twice a number.</summary>\nint Twice(int number) => 2 * number;\nvar words = new List<string>();")
    begin = time.monotonic()
    reply = ask(client, client.complete("Console.WriteL"))
    print(f"      first completion {time.monotonic() - begin:.2f} s")
    check("complete: member", "WriteLine" in reply["matches"] and reply["cursor_start"] == 8 and reply["cursor_end"] == 14, reply)
    begin = time.monotonic()
    reply = ask(client, client.complete("words.Ad"))
    print(f"      further completion {time.monotonic() - begin:.2f} s")
    check("complete: variable of an earlier cell", {"Add", "AddRange"} <= set(reply["matches"]), reply)
    check("complete: name of an earlier cell", "Twice" in ask(client, client.complete("Twi"))["matches"])
    check("complete: extension method", "Select" in ask(client, client.complete("words.Sel"))["matches"])
    reply = ask(client, client.complete("var 𝔘 = 1; wor"))
    check("complete: cursor counts characters, not UTF-16", reply["cursor_start"] == 11 and "words" in reply["matches"], reply)
    reply = ask(client, client.inspect("Console.WriteLine(1)", 12))
    text = reply.get("data", {}).get("text/plain", "")
    check("inspect: signature", reply["found"] and "WriteLine(int value)" in text, reply)
    check("inspect: summary", "text representation" in text, reply)
    text = ask(client, client.inspect("Twice(2)", 3)).get("data", {}).get("text/plain", "")
    check("inspect: what a cell declared", "int Twice(int number)" in text and "Twice a number." in text, text)
    check("inspect: nothing there", ask(client, client.inspect("   ", 1))["found"] is False)
    for code, expected in (("1+1", "complete"), ("for (int k = 0; k < 3; k++) {", "incomplete"), ("int x = = 3;", "invalid"), ("#!time\n1", "complete")):
        reply = ask(client, client.is_complete(code))
        check(f"is_complete: {expected}", reply["status"] == expected, reply)
    reply = ask(client, client.history(hist_access_type="tail", n=2))
    check("history: tail", len(reply["history"]) == 2 and "Twice" in reply["history"][-1][2], reply)
    reply = ask(client, client.history(hist_access_type="search", pattern="*display(*"))
    check("history: search", len(reply["history"]) == 1, reply)
    check("comm_info", ask(client, client.comm_info())["comms"] == {})


def check_interrupts(manager, client):
    run(client, "int survivor = 11;")
    cells = {
        "a plain loop": "while (true) { }",
        "Thread.Sleep": "while (true) System.Threading.Thread.Sleep(100000);",
        "await Task.Delay": "int turns = 0; while (true) { await Task.Delay(10); turns++; }",
        "one that listens": "while (true) { Host.Cancellation.ThrowIfCancellationRequested(); System.Threading.Thread.Sleep(10); }",
    }
    for name, code in cells.items():
        reply, seconds = interrupted(manager, client, code, 1)
        check(f"interrupt: {name} ({seconds:.2f} s)", reply["status"] == "error" and reply["ename"] == "Interrupted" and seconds < 5, reply)
        check("interrupt: the session survives", plain(run(client, "survivor")[1]) == ["11"])
    manager.interrupt_kernel()
    check("interrupt: nothing runs", plain(run(client, "survivor")[1]) == ["11"])


def check_input(client):
    client.allow_stdin = True
    request = client.execute('Console.Write("name? "); var name = Console.ReadLine(); name')
    asked = client.get_stdin_msg(timeout=20)
    check("stdin: the user is asked", asked["msg_type"] == "input_request", asked)
    client.input("Ada")
    check("stdin: the answer arrives", plain(finish(client, request)[1]) == ["Ada"])
    client.allow_stdin = False
    reply, _ = run(client, "Console.ReadLine()")
    check("stdin: a front end without it", reply["status"] == "error", reply)


def measure(client):
    begin = time.monotonic()
    for k in range(100):
        run(client, f"var v{k} = {k}; v{k} + 1")
    print(f"      {10 * (time.monotonic() - begin):.1f} ms a further cell (100 cells)")


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "hawq-csharp"
    begin = time.monotonic()
    manager, client = start_new_kernel(kernel_name=name)
    check("kernel starts", plain(run(client, "1+1")[1]) == ["2"])
    print(f"      {time.monotonic() - begin:.2f} s from a cold start to the result of 1+1")
    try:
        info = ask(client, client.kernel_info())
        check("kernel_info", info["protocol_version"] == "5.3" and info["language_info"]["name"] == "C#", info)
        check("heartbeat", client.hb_channel.is_beating())
        check_execution(client)
        check_errors(client)
        check_language(client)
        check_interrupts(manager, client)
        check_input(client)
        measure(client)
        begin = time.monotonic()
        client.shutdown()
        while manager.is_alive() and time.monotonic() - begin < 10:
            time.sleep(0.05)
        check(f"shutdown ({time.monotonic() - begin:.1f} s)", not manager.is_alive())
    except queue.Empty:
        check("a reply in time", False, "nothing")
    finally:
        manager.shutdown_kernel(now=True)
    sys.exit(1 if failed else 0)


main()
