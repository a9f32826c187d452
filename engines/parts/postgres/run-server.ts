import { type ChildProcess, spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { type ClusterPlace, throughDescriptor } from './initdb.ts'

export interface RunningServer {
  /** Resolves when it takes connections; rejects when it ended or took too long instead. */
  ready: Promise<void>
  ended: Promise<void>
  /** Its exit code, once it ended. */
  code(): number | null | undefined
  /** Of the server itself; 0 when it never began. */
  pid: Promise<number>
  /** What it says, where it was not given a file to say it to. */
  output: Readable[]
  /** In an orderly way, which ends its clients' sessions; by force after 20 s. */
  stop(): Promise<void>
}

const START_MS = 60_000

/**
 * Runs the server and, beside it, a reader of a pipe that we hold: when the pipe closes (we stop it, or we are dead,
 * kill -9 included) the reader ends the server, first in an orderly way, after 20 s by force. Both are in a session
 * of their own, so that the terminal's Ctrl-C reaches us alone.
 */
const WATCH = `
"$@" 4<&- &
pid=$!
echo $pid >&4
(
  read -r _ <&4
  kill -INT $pid 2>/dev/null
  n=0
  while kill -0 $pid 2>/dev/null && [ $n -lt 200 ]; do n=$((n+1)); sleep 0.1; done
  kill -QUIT $pid 2>/dev/null
) &
watcher=$!
wait $pid
code=$?
kill $watcher 2>/dev/null
exit $code
`

/** Starts the server of a cluster. `log` is a file that it writes to; left out, what it says is in `output`. */
export async function runServer(
  place: ClusterPlace,
  settings: Record<string, string>,
  log?: { fd: number },
): Promise<RunningServer> {
  const folder = await open(place.folder, 'r')
  const said = log?.fd ?? 'pipe'
  let child: ChildProcess
  try {
    const where = throughDescriptor(place, 3, place.folder)
    const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    child = spawn('/bin/sh', ['-c', WATCH, 'pipi-postgres', place.binaries.postgres, '-D', where, ...given], {
      cwd: '/',
      env: { ...place.environment, PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', said, said, folder.fd, 'pipe'],
      detached: true,
      ...(place.owner ? { uid: place.owner.uid, gid: place.owner.gid } : {}),
    })
  } finally {
    await folder.close()
  }
  const lifeline = child.stdio[4] as Duplex
  let code: number | null | undefined
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => {
      code ??= null
      resolve()
    })
    child.once('exit', (exit) => {
      code = exit
      resolve()
    })
  })
  const pid = pidFrom(lifeline)
  const ready = untilReady(place.folder, pid, () => code)
  // Whoever waits gets the rejection; nobody waiting must not bring the process down.
  ready.catch(() => {})
  return {
    ready,
    ended,
    code: () => code,
    pid: pid.then(Number),
    output: [child.stdout, child.stderr].filter((stream) => stream !== null),
    stop: async () => {
      lifeline.destroy()
      await ended
    },
  }
}

/** The server's own process id, as the shell says it: a postmaster.pid may be one that a crash left behind. */
function pidFrom(lifeline: Duplex): Promise<string> {
  return new Promise((resolve) => {
    lifeline.once('data', (said: Buffer) => resolve(said.toString().trim()))
    lifeline.once('close', () => resolve(''))
    // A shell that died has closed its end: what ended is seen by its exit.
    lifeline.on('error', () => resolve(''))
  })
}

/** Read from the last line of postmaster.pid, which PostgreSQL keeps for this purpose. */
async function untilReady(
  folder: string,
  pid: Promise<string>,
  exitCode: () => number | null | undefined,
): Promise<void> {
  const file = path.join(folder, 'postmaster.pid')
  for (const end = Date.now() + START_MS; Date.now() < end; await delay(10)) {
    if (exitCode() !== undefined) throw new Error(`PostgreSQL ended at its start (exit code ${exitCode()})`)
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
    if (lines[7]?.trim() === 'ready' && lines[0] === (await pid)) return
  }
  throw new Error(`PostgreSQL was not ready after ${START_MS / 1000} s`)
}
