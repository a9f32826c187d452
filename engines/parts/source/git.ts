import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { folderSize } from '../build/folder-size.ts'
import { endProcesses } from '../process/end.ts'
import { eachLine } from '../process/lines.ts'

export interface GitSetting {
  /** Where git runs. */
  folder: string
  /** Git's own home: nobody's settings, keys or hooks. */
  home: string
  protocol: string
  /** Proxy and certificates; what is fixed here goes before it. */
  environment: Record<string, string>
  /** Folder whose ownership git need not mind, because the caller named it. */
  trusted?: string
  signal: AbortSignal
  timeMs: number
  /** Bytes that `folder` may grow to. */
  bytes: number
  /** Files and folders that it may hold. */
  entries: number
}

/** Runs git without anything of this machine's settings, and without a way to run programs. Returns what it prints. */
export async function git(setting: GitSetting, settings: string[], args: string[]): Promise<string> {
  setting.signal.throwIfAborted()
  await prepareHome(setting)
  const child = spawn('git', [...[...SAFE, ...settings].flatMap((one) => ['-c', one]), ...args], {
    cwd: setting.folder,
    env: environment(setting),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const output: string[] = []
  const errors: string[] = []
  // A far side may say what it likes, and as much of it.
  eachLine(child.stdout, (line) => output.length < MOST_LINES && output.push(line))
  eachLine(child.stderr, (line) => errors.push(line) > MOST_ERRORS && errors.shift())
  const closed = once(child, 'close') as Promise<[number | null]>
  await once(child, 'spawn').catch((cause: Error) => {
    throw new PipiError('toolchain.missing', `git could not be started: ${cause.message}`, {
      hint: 'Install git 2.30 or newer.',
      cause,
    })
  })
  const ended = new AbortController()
  const wrong = await Promise.race([
    closed.then(([code]) => (code === 0 ? undefined : gitFailed(args, errors))),
    watch(setting, AbortSignal.any([ended.signal, setting.signal])),
  ])
  ended.abort()
  await endProcesses({ group: child.pid as number }, 0)
  setting.signal.throwIfAborted()
  // What came in between two looks counts as well.
  const found = wrong ?? (await tooLarge(setting))
  if (found !== undefined) throw found
  return output.join('\n')
}

const MOST_LINES = 20_000
const MOST_ERRORS = 50

const SAFE = [
  'core.hooksPath=/dev/null',
  'core.symlinks=false',
  'core.fsmonitor=false',
  'core.autocrlf=false',
  'core.protectNTFS=true',
  'core.protectHFS=true',
  'credential.helper=',
  'fetch.recurseSubmodules=false',
  'transfer.bundleURI=false',
  'fetch.fsckObjects=true',
  'gc.auto=0',
  'http.followRedirects=false',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=30',
  'maintenance.auto=false',
  'protocol.version=2',
  'submodule.recurse=false',
]

function environment({ home, protocol, environment }: GitSetting): Record<string, string> {
  return {
    ...environment,
    PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
    LANG: 'C.UTF-8',
    HOME: home,
    XDG_CONFIG_HOME: home,
    GIT_ALLOW_PROTOCOL: protocol,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ATTR_NOSYSTEM: '1',
  }
}

/** Git heeds `safe.directory` and what a folder may serve in the home's settings only, and passes no `-c` on to its far side. */
async function prepareHome({ home, trusted }: GitSetting): Promise<void> {
  await mkdir(home, { recursive: true })
  const safe =
    trusted === undefined
      ? ''
      : `[safe]\n\tdirectory = ${quoted(trusted)}\n\tdirectory = ${quoted(join(trusted, '.git'))}\n`
  await writeFile(join(home, '.gitconfig'), `${safe}[uploadpack]\n\tallowAnySHA1InWant = true\n`)
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

async function watch(setting: GitSetting, signal: AbortSignal): Promise<PipiError | undefined> {
  const started = performance.now()
  while (!signal.aborted) {
    await delay(500, undefined, { signal }).catch(() => undefined)
    if (performance.now() - started > setting.timeMs) {
      return unreachable(
        `The source was not there within ${Math.round(setting.timeMs / 1000)} seconds`,
        'Is the host up, and the repository small?',
      )
    }
    const wrong = await tooLarge(setting)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

async function tooLarge({ folder, bytes, entries }: GitSetting): Promise<PipiError | undefined> {
  const size = await folderSize(folder, { bytes, entries })
  if (size.bytes <= bytes && size.entries <= entries) return undefined
  return unreachable(
    `The source is larger than ${Math.round(bytes / 1024 ** 2)} MiB or ${entries} files`,
    'Keep large files elsewhere, or deploy from a smaller repository.',
  )
}

function gitFailed(args: string[], errors: string[]): PipiError {
  const lines = errors.filter((line) => line !== '').slice(-10)
  return new PipiError('source.unreachable', `git ${args[0]} failed: ${lines.at(-1) ?? 'it said nothing'}`, {
    hint: 'Can the repository be read without a password, and does it hold this branch, tag or commit?',
    data: { lines },
  })
}

function unreachable(message: string, hint: string): PipiError {
  return new PipiError('source.unreachable', message, { hint })
}
