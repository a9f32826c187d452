import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compare, valid } from 'semver'
import { PipiError } from '../../catalog/errors.ts'
import { eachLine } from './each-line.ts'
import { findOnPath, isExecutable } from './find-on-path.ts'
import { type KeptProcess, spawnKept } from './spawn-kept.ts'

export interface PluginOptions {
  /** The provider's Pulumi name: the package part of a type token. */
  name: string
  /** The version its SDK was made for; without it the newest that is there. */
  version?: string
  /** Pulumi's home, where `pulumi plugin install` puts plugins below `plugins/`. */
  pulumiHome: string
  /** All that the plugin gets to see. Its PATH is searched as well. */
  environment: Record<string, string>
  /** Milliseconds until it must have said its port. A large bridged one takes seconds. */
  startMs?: number
  /** Each line it writes, but for its port. */
  log?: (line: string) => void
}

export interface RunningPlugin {
  /** `127.0.0.1:<port>`: gRPC, as Pulumi's engine dials it. */
  address: string
  path: string
  pid: number
  /** Resolves when it has ended, asked or not, with its last lines. */
  ended: Promise<string[]>
  /** Asks it to end, and makes it after two seconds. */
  close(): Promise<void>
}

/**
 * Finds and starts a real provider plugin, to be kept warm: without arguments it prints its port and serves until it is
 * told to end, and it ends when we do. Throws `toolchain.missing` with the command that installs it.
 */
export async function startPlugin(options: PluginOptions): Promise<RunningPlugin> {
  const path = await findPlugin(options)
  const { log = () => {}, startMs = 60_000 } = options
  const child = spawnKept(path, [], options)
  const last: string[] = []
  const ended = new Promise<string[]>((resolve) =>
    child.on('close', (code, signal) => resolve([...last, `ended with ${code ?? signal}`])),
  )
  const keep = (line: string) => {
    last.push(line)
    if (last.length > 15) last.shift()
    log(line)
  }
  const close = async () => {
    child.stdin.end()
    await ended
  }
  const port = await saysPort(child, keep, startMs, ended).catch(async (error: unknown) => {
    await close()
    throw error
  })
  return { address: `127.0.0.1:${port}`, path, pid: child.pid ?? 0, ended, close }
}

async function findPlugin({ name, version, pulumiHome, environment }: PluginOptions): Promise<string> {
  const program = `pulumi-resource-${name}`
  const shelf = join(pulumiHome, 'plugins')
  const versions = (await entries(shelf))
    .flatMap((entry) => (entry.startsWith(`resource-${name}-v`) ? [entry.slice(`resource-${name}-v`.length)] : []))
    .filter((found) => valid(found) !== null)
    .sort((a, b) => compare(b, a))
  for (const found of version === undefined ? versions : versions.filter((one) => one === version)) {
    const path = join(shelf, `resource-${name}-v${found}`, program)
    if (await isExecutable(path)) return path
  }
  const onPath = await findOnPath(program, environment.PATH)
  if (onPath !== undefined) return onPath
  const wanted = `${program}${version === undefined ? '' : ` ${version}`}`
  const there = versions.length === 0 ? 'none' : versions.join(', ')
  throw new PipiError('toolchain.missing', `expected ${wanted} in ${shelf} or on PATH, found ${there}`, {
    hint: `install it: PULUMI_HOME=${pulumiHome} pulumi plugin install resource ${name}${version === undefined ? '' : ` ${version}`}`,
    data: { plugin: name, versions },
  })
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function saysPort(
  child: KeptProcess,
  keep: (line: string) => void,
  startMs: number,
  ended: Promise<string[]>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, lines: string[]) =>
      reject(
        new PipiError('provider.failed', `expected the provider plugin to print its port, it ${why}`, {
          hint: 'the last lines it wrote are in data.lines; try the plugin by hand, without arguments',
          data: { lines },
        }),
      )
    const timer = setTimeout(() => fail(`said nothing for ${startMs} ms`, []), startMs)
    child.on('error', (error) => fail(`could not be started: ${error.message}`, []))
    void ended.then((lines) => fail('ended', lines))
    let first = true
    eachLine(child.stdout, (line) => {
      if (!first) return keep(line)
      first = false
      clearTimeout(timer)
      if (/^\d+$/.test(line.trim())) resolve(Number(line))
      else fail(`printed "${line}"`, [line])
    })
    eachLine(child.stderr, keep)
  })
}
