import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Component, componentSchema, isBuilt } from '../../../engines/contract/component.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { buildComponent } from '../../../engines/parts/build/build-component.ts'
import { packComponent } from '../../../engines/parts/pack-component.ts'
import type { OrderSource } from '../../../factory/contract/truth.ts'
import { makeRepository } from '../../cli/quickstart/make-repository.ts'
import type { LightEngines } from './carry-out.ts'

/** Sources of three weights, kilobytes: what a request brings home, and what a platform keeps. */
const WEIGHTS_KB = [1, 8, 40]

type Ready = Awaited<ReturnType<LightEngines['artifactOf']>>

/** A few sources, each a repository of its own, built and packed once for every engine and kind; then only named. */
export class Artifacts {
  readonly sources: readonly Extract<OrderSource, { kind: 'git' }>[]
  readonly #folder: string
  readonly #ready = new Map<string, Promise<Ready>>()

  private constructor(folder: string, sources: Extract<OrderSource, { kind: 'git' }>[]) {
    this.#folder = folder
    this.sources = sources
  }

  static async make(folder: string): Promise<Artifacts> {
    const sources: Extract<OrderSource, { kind: 'git' }>[] = []
    for (const kilobytes of WEIGHTS_KB) {
      const files = join(folder, `files-${kilobytes}`)
      await mkdir(files, { recursive: true })
      await writeFile(join(files, 'index.html'), `<h1>${kilobytes} kB</h1>\n${'<p>words</p>\n'.repeat(kilobytes * 77)}`)
      await writeFile(join(files, 'server.js'), server(kilobytes))
      const { url, ref } = await makeRepository(files, join(folder, `repository-${kilobytes}`))
      sources.push({ kind: 'git', url, ref, path: '.', local: true })
    }
    return new Artifacts(folder, sources)
  }

  /** Of a source that is one of ours. */
  of(engine: Engine, source: OrderSource, component: Component): Promise<Ready> {
    const at = this.sources.findIndex((each) => source.kind === 'git' && each.url === source.url)
    const key = `${engine.dna.code} ${component.kind} ${at}`
    const known = this.#ready.get(key)
    if (known !== undefined) return known
    const made = this.#make(engine, component, at)
    this.#ready.set(key, made)
    return made
  }

  async #make(engine: Engine, { kind, name }: Component, at: number): Promise<Ready> {
    const [source, weight] = [this.sources[at], WEIGHTS_KB[at]]
    const component = componentSchema.parse({ kind, name })
    if (source === undefined || !isBuilt(component)) throw new Error(`no source of the drill fits a ${kind}`)
    const work = join(this.#folder, `${engine.dna.code}-${kind}-${weight}`)
    const built = await buildComponent({
      sourceFolder: join(this.#folder, `files-${weight}`),
      component,
      account: 'drill',
      workFolder: join(work, 'build'),
      artifacts: join(work, 'artifacts'),
      signal: AbortSignal.timeout(60_000),
      log: () => undefined,
    })
    const packed = join(work, 'packed')
    await mkdir(packed, { recursive: true })
    const git = { url: source.url, ref: source.ref, commit: built.digest.slice(0, 40), path: source.path }
    return { built, artifact: await packComponent(engine, { ...built, git }, component, packed) }
  }
}

function server(kilobytes: number): string {
  return `require('node:http').createServer((_, answer) => answer.end('x'.repeat(${kilobytes * 1000}))).listen(process["env"].PORT)\n`
}
