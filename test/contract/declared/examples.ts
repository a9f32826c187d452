import { execFile } from 'node:child_process'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Component, type ComponentKind, componentSchema, isBuilt } from '../../../engines/contract/component.ts'
import type { Artifact, Built, Engine } from '../../../engines/contract/engine.ts'
import { digestOf, listFiles } from '../../../engines/parts/build/digest.ts'
import { packComponent } from '../../../engines/parts/pack-component.ts'
import { makeRepository } from '../../../platform/cli/quickstart/make-repository.ts'
import { keepBase, plainBase } from '../../helpers/base-image.ts'

/** Small things of each kind, in one repository: a folder each. */
const FILES: Record<string, string> = {
  'site/index.html': '<h1>it answers</h1>',
  'site/404.html': 'lost',
  'service/package.json': '{"name":"service","type":"module"}',
  'service/server.js':
    "import { createServer } from 'node:http'\ncreateServer((_, response) => response.end('it answers')).listen(Number(process.env.PORT), process.env.HOST)\n",
  'function/package.json': '{"type":"module"}',
  'function/index.js': "export default () => new Response('it answers')\n",
  'job/package.json': '{"type":"module"}',
  'job/job.js': "console.log('it ran')\n",
}
/** The first of these that is carried, and a relational one: what keys need is what documents need. */
const MODELS = ['document', 'key-value']
const BUILT: readonly ComponentKind[] = ['site', 'service', 'container', 'function', 'job']

export interface ExampleSource {
  /** Folder with one folder for each kind. */
  folder: string
  /** The same as a git repository on this machine. */
  url: string
  ref: string
  commit: string
  /** A base image, and the store of artifacts that it lies in as if it had been fetched before. */
  base: string
  artifacts: string
}

export async function exampleSource(folder: string): Promise<ExampleSource> {
  const files = join(folder, 'files')
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(join(files, path, '..'), { recursive: true })
    await writeFile(join(files, path), text)
  }
  const repository = join(folder, 'repository')
  const { url, ref } = await makeRepository(files, repository)
  const said = await promisify(execFile)('git', ['-C', repository, 'rev-parse', 'HEAD'])
  const [artifacts, layout] = [join(folder, 'artifacts'), await plainBase()]
  const base = await keepBase(artifacts, layout)
  // It holds no program, so it is one for machines with Arm, too.
  const kept = join(artifacts, 'images', layout.manifest.digest.slice('sha256:'.length))
  await cp(`${kept}-amd64`, `${kept}-arm64`, { recursive: true })
  await rm(layout.path, { recursive: true, force: true })
  return { folder: files, url, ref, commit: said.stdout.trim(), base, artifacts }
}

/**
 * One component of each kind that the engine carries, and of all that runs one that uses all data: what programs declare
 * then is all that they declare. `base`: of containers; without one there are none.
 */
export function exampleComponents(engine: Engine, base?: string): Component[] {
  const carried = (given: Record<string, unknown>): Component[] => {
    const component = componentSchema.parse(given)
    return component.kind in engine.programs && engine.refuses?.(component) === undefined ? [component] : []
  }
  const data = [
    ...MODELS.flatMap((model) => carried({ kind: 'database', name: 'data', model })).slice(0, 1),
    ...carried({ kind: 'database', name: 'tables', model: 'relational' }),
    ...carried({ kind: 'store', name: 'store' }),
  ]
  const uses = data.map(({ name }) => name)
  const built = BUILT.filter((kind) => kind !== 'container' || base !== undefined).flatMap((kind) =>
    carried({
      kind,
      name: kind,
      path: kind === 'container' ? 'service' : kind,
      ...(kind === 'container' ? { base, command: ['node', 'server.js'] } : {}),
      ...(kind === 'job' ? { schedule: '15 3 * * 1' } : {}),
      ...(kind === 'site' ? {} : { uses, env: { GREETING: 'hello' } }),
    }),
  )
  return [...data, ...built]
}

/** What travels of each component that is built, by its name. */
export async function exampleArtifacts(
  engine: Engine,
  components: readonly Component[],
  source: ExampleSource,
  folder: string,
): Promise<Map<string, { built: Built; artifact: Artifact }>> {
  await mkdir(folder, { recursive: true })
  const { url, ref, commit } = source
  const artifacts = new Map<string, { built: Built; artifact: Artifact }>()
  for (const component of components) {
    if (!isBuilt(component)) continue
    const path = join(source.folder, component.path)
    const built: Built = { path, digest: await digestOf(await listFiles(path)), git: { url, ref, commit, path: '.' } }
    artifacts.set(component.name, {
      built,
      artifact: await packComponent(engine, built, component, folder, { artifacts: source.artifacts }),
    })
  }
  return artifacts
}
