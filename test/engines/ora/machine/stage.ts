import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import type { ComponentOf } from '../../../../engines/contract/component.ts'
import { packRelease } from '../../../../engines/ora/machine/pack.ts'
import { planOf, type Spec } from '../../../../engines/ora/machine/spec.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { built } from '../../use-cloud.ts'

const FOLDER = join(import.meta.dirname, '../../../../engines/ora/machine/agent')

/** A module of the agent: plain JavaScript, since it travels as it is. */
export async function agentModule<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(FOLDER, `${name}.mjs`)).href)) as T
}

interface AgentModule {
  startAgent(given: Record<string, unknown>): Promise<Agent>
}
const ours = await agentModule<AgentModule>('agent')

export interface Agent {
  port: number
  look(): Promise<void>
  tick(now: number): void
  runJob(name: string): Promise<boolean | undefined>
  close(): Promise<void>
}

/** A bucket, what a machine is told, and agents that look at both. */
export class Stage {
  readonly objects = new Map<string, Buffer>()
  readonly lines: string[] = []
  wanted = { source: 'http://bucket/o/', release: '', agent: 'a' }
  outOfReach = false

  async release(component: ComponentOf<'service' | 'site' | 'job'>, files: Record<string, string>): Promise<string> {
    const artifact = await packRelease(await built(files), component, await tempFolder('release'))
    if (artifact.travels !== 'file') throw new Error('expected a file')
    this.objects.set(`${artifact.digest}.zip`, await readFile(artifact.path))
    return artifact.digest
  }

  want(...components: Spec[]): void {
    const { text, digest } = planOf(components)
    this.objects.set('plan.json', Buffer.from(text))
    this.wanted = { ...this.wanted, release: digest }
  }

  /** `from`: where another agent's module lies. */
  async start(folder: string, more: Record<string, unknown> = {}, from?: string): Promise<Agent> {
    const { startAgent } = from === undefined ? ours : ((await import(from)) as AgentModule)
    const agent: Agent = await startAgent({
      folder,
      listen: { port: 0, host: '127.0.0.1' },
      metadata: async () => {
        if (this.outOfReach) throw new Error('no way there')
        return this.wanted
      },
      fetch: async (url: string) => {
        const bytes = this.objects.get(url.slice(this.wanted.source.length))
        return new Response(bytes === undefined ? null : new Uint8Array(bytes), {
          status: bytes === undefined ? 404 : 200,
        })
      },
      log: (line: string) => this.lines.push(line),
      healthyMs: 3_000,
      ...more,
    })
    let closed = false
    const close = async () => {
      if (closed) return
      closed = true
      await agent.close()
    }
    onTestFinished(close)
    return { ...agent, close }
  }
}

export function spec(name: string, release: string, more: Partial<Spec> = {}): Spec {
  return { name, release, environment: {}, memoryMb: 128, prefix: '/', health: '/', ...more }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
