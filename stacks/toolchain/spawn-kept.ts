import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

export type KeptProcess = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * A shell stands between us and the program, in a process group of their own, and a watcher beside it holds the other
 * end of our pipe: when that closes, because we ended it or because we were killed, the whole group is told to end, and
 * after two seconds made to. So what is started never outlives us, and a terminal's Ctrl-C reaches it only through us.
 */
const KEEPER = `
exec 3<&0
trap : TERM
"$0" "$@" 3<&- </dev/null & program=$!
(trap '' TERM; while read -r _ <&3; do :; done; kill -TERM 0; sleep 2; kill -KILL 0) >/dev/null 2>&1 & watcher=$!
exec 3<&-
while :; do
  wait $program; code=$?
  kill -0 $program 2>/dev/null || break
done
kill -KILL $watcher
exit $code`

/** Starts a program that ends when its `stdin` is ended, or when this process is gone. Its exit code is passed on. */
export function spawnKept(
  command: string,
  args: readonly string[],
  options: { cwd?: string; environment: Record<string, string | undefined> },
): KeptProcess {
  const { cwd, environment } = options
  return spawn('/bin/sh', ['-c', KEEPER, command, ...args], { cwd, env: environment, stdio: 'pipe', detached: true })
}
