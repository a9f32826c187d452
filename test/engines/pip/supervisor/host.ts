import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { digestOf, listFiles } from '../../../../engines/parts/build/digest.ts'
import { SupervisorClient } from '../../../../engines/pip/provider/supervisor-client.ts'
import type { Clock } from '../../../../engines/pip/supervisor/clock.ts'
import { type ProcessSpec, processSpecSchema } from '../../../../engines/pip/supervisor/spec.ts'
import { supervise } from '../../../../engines/pip/supervisor/supervise.ts'
import type { Times } from '../../../../engines/pip/supervisor/times.ts'
import { tempFolder } from '../../../helpers/temp.ts'

export const QUICK: Times = {
  healthy: 20_000,
  grace: 1000,
  drain: 10_000,
  restart: 20,
  longest: 200,
  steady: 60_000,
  answer: 5000,
  look: 200,
}

/** A supervisor of a folder of its own, and hands to use it with. */
export async function openHost(times: Partial<Times> = {}, folder?: string, clock?: Clock) {
  const place = folder ?? join(await tempFolder('host'), 'supervisor')
  const supervisor = await supervise({
    folder: place,
    times: { ...QUICK, ...times },
    ...(clock === undefined ? {} : { clock }),
  })
  return { folder: place, supervisor, client: new SupervisorClient(supervisor.address) }
}

/** An artifact made of these files, in a folder of its own. */
export async function artifact(
  files: Record<string, string>,
): Promise<Pick<ProcessSpec, 'source' | 'digest' | 'bytes'>> {
  const source = await tempFolder('artifact')
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(source, name)), { recursive: true })
    await writeFile(join(source, name), text)
  }
  return artifactIn(source)
}

/** A folder as it is. */
export async function artifactIn(source: string): Promise<Pick<ProcessSpec, 'source' | 'digest' | 'bytes'>> {
  const list = await listFiles(source)
  return { source, digest: await digestOf(list), bytes: list.reduce((sum, file) => sum + file.size, 0) }
}

/** What would run these files. */
export async function specFor(files: Record<string, string>, more: Partial<ProcessSpec> = {}): Promise<ProcessSpec> {
  const runtime = 'server.js' in files ? 'node' : 'static'
  return processSpecSchema.parse({ name: 'demo', runtime, ...(await artifact(files)), memory: 96, ...more })
}

/** A Node server that answers every path with what `answer` evaluates to. */
export function server(answer: string): Record<string, string> {
  return {
    'server.js': `require('http').createServer((q, r) => r.end(String(${answer}))).listen(process.env.PORT, '127.0.0.1')`,
  }
}

export async function textOf(url: string): Promise<string> {
  const response = await fetch(url, { headers: { connection: 'close' } })
  return response.text()
}
