import { access, constants, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { Place } from './command.ts'
import type { ProcessSpec } from './spec.ts'
import { behindWalls, WITH_US } from './walls.ts'

/** MiB below which no virtual machine starts and answers: 60 held by an idle one whose heap was filled once. */
export const LEAST_JVM_MIB = 96

/**
 * How a jar is run: `java -jar` with a heap, classes, compiled code and buffers that together stay below the grant, behind
 * walls where this host has some. A shell beside it waits for our end of a pipe to close, since the virtual machine would
 * not notice that we are gone.
 */
export async function javaCommand(
  spec: ProcessSpec,
  place: Place,
  environment: Record<string, string>,
): Promise<{ args: string[]; environment: Record<string, string>; unwalled?: string }> {
  // PORT is the contract; these are the same for servers that read their own.
  const all = { ...Object.fromEntries(PORTS.map((name) => [name, String(place.port)])), ...environment }
  const command = await machineFor(spec, place)
  const wait = ['/bin/sh', '-c', WITH_US, 'pipi']
  try {
    const walled = await behindWalls(place, spec.labels['pipi-workspace'] ?? spec.name, all, command)
    return { ...walled, args: [...wait, ...walled.args] }
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    return { args: [...wait, ...command], environment: all, unwalled: (stderr?.trim() || message).slice(0, 200) }
  }
}

async function machineFor(spec: ProcessSpec, place: Place): Promise<string[]> {
  const jar = join(place.release, spec.main)
  const pages =
    spec.pages === undefined
      ? []
      : ['--host', '127.0.0.1', '--port', String(place.port), '--webroot', join(place.release, spec.pages)]
  const settings = [
    `-Djava.io.tmpdir=${place.temporary}`,
    `-Duser.home=${place.home}`,
    '-Djava.awt.headless=true',
    `-XX:ErrorFile=${place.temporary}/hs_err.log`,
  ]
  return [await findJava(), ...javaLimits(spec.memory), ...settings, '-jar', jar, ...pages]
}

const PORTS = ['SERVER_PORT', 'QUARKUS_HTTP_PORT', 'MICRONAUT_SERVER_PORT']

/**
 * The virtual machine's own limits for a grant of MiB. Beside the heap it holds classes (metaspace), compiled code,
 * stacks, buffers and 25 MiB of its own (measured on 17); what does not fit then ends with a clear error of its own.
 */
export function javaLimits(memory: number): string[] {
  const beside = Math.min(384, Math.floor(48 + memory / 4))
  const classes = Math.min(256, Math.max(32, Math.floor(memory / 5)))
  const code = Math.min(96, Math.max(16, Math.floor(memory / 10)))
  return [
    `-Xmx${memory - beside}m`,
    `-XX:MaxMetaspaceSize=${classes}m`,
    `-XX:ReservedCodeCacheSize=${code}m`,
    `-XX:MaxDirectMemorySize=${Math.max(8, Math.floor(memory / 16))}m`,
    '-Xss512k',
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:-UsePerfData',
    // One thread that collects takes a tenth of the memory that many take.
    ...(memory < 1024 ? ['-XX:+UseSerialGC'] : []),
  ]
}

/** The `java` of this host. Throws `provider.failed` where there is none. */
async function findJava(): Promise<string> {
  const machines = '/usr/lib/jvm'
  const installed = (await readdir(machines).catch(() => [])).sort().reverse()
  const found = await firstThatRuns([
    '/usr/bin/java',
    '/usr/local/bin/java',
    '/opt/java/openjdk/bin/java',
    ...installed.map((name) => join(machines, name, 'bin/java')),
  ])
  if (found !== undefined) return found
  throw new PipiError('provider.failed', 'This host has no Java, and the component is a jar', {
    hint: "Install a Java runtime there, as Debian's openjdk-17-jre-headless: /usr/bin/java and /usr/lib/jvm are looked at.",
  })
}

async function firstThatRuns(paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return path
  }
  return undefined
}
