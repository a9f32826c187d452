import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { type BuiltComponent, isBuilt, isRunning } from '../../../engines/contract/component.ts'
import type { Built } from '../../../engines/contract/engine.ts'
import { buildComponent } from '../../../engines/parts/build/build-component.ts'
import { STORE_BOUNDS, tidyArtifacts, tidyDue } from '../../../engines/parts/build/tidy-artifacts.ts'
import { packComponent } from '../../../engines/parts/pack-component.ts'
import { fetchSource } from '../../../engines/parts/source/fetch-source.ts'
import { headOfBranch } from '../../../engines/parts/source/head-of-branch.ts'
import { unpackSource } from '../../../engines/parts/source/unpack-source.ts'
import type { Birth } from '../../contract/stem-cell.ts'
import { type Carriage, Refused, type Step } from '../carriage.ts'
import { keepPacked } from '../keep-packed.ts'
import { recallLive } from '../live-artifacts.ts'
import { stateOf } from '../stack-of.ts'

/** The source at an exact commit becomes, per component, the artifact that its carrier sends. */
export const build: Step = {
  name: 'build',
  status: 'building',
  kinds: ['deploy', 'preview', 'rollback', 'suspend', 'resume'],
  async run(carriage) {
    requireCarriers(carriage)
    requireSecrets(carriage)
    if (await reuse(carriage)) return
    const fetched = await fetch(carriage, join(carriage.folder, 'source'))
    // One after the other: a build is allowed the whole machine, and the story reads in order.
    for (const component of carriage.order.manifest.components.filter(isBuilt)) {
      carriage.built.set(component.name, await buildOne(carriage, component, fetched))
    }
    tellOtherBytes(carriage)
    await tidy(carriage)
  },
}

/** To stand still and to go on, a workspace needs no source: what runs is what is meant. */
async function reuse(carriage: Carriage): Promise<boolean> {
  const { order, story } = carriage
  if (!['suspend', 'resume', 'refresh'].includes(order.kind)) return false
  const live = await recallLive(carriage, await stateOf(carriage))
  if (live === undefined) return false
  carriage.built = live
  story.tell(live.size === 1 ? 'what runs is still at hand' : `all ${live.size} components that run are still at hand`)
  return true
}

interface Fetched {
  folder: string
  /** Whoever deploys owns this host. */
  local: boolean
  git?: Built['git']
}

/** A rollback wants what stood: the same source at the same commit, and where a build gives other bytes it is said. */
function tellOtherBytes({ order, built, story }: Carriage): void {
  if (order.artifact === undefined) return
  const before = order.artifact.split(',')
  const other = [...built].filter(([, ready]) => !before.includes(ready.built.digest)).map(([name]) => name)
  if (other.length === 0) story.tell('what was built then is what is built now, byte for byte')
  else story.tell(`built anew from the same source, and with other bytes: ${other.join(', ')}`, 'warn')
}

/** What can be refused without building is refused before it. */
function requireCarriers({ birth: { engine }, order }: Carriage): void {
  for (const component of order.manifest.components) {
    const reason =
      engine.programs[component.kind] === undefined
        ? (engine.noCarrier[component.kind] ?? 'no free carrier is known')
        : engine.refuses?.(component)
    if (reason === undefined) continue
    throw new Refused({
      code: 'lock.no-carrier',
      resource: component.name,
      message: `${engine.dna.name} has nothing free that carries the ${component.kind} "${component.name}": ${reason}`,
      hint: 'choose an engine that carries it (see "pipi engines"), or --engine auto',
    })
  }
}

/** Intake has looked already; what was taken away since, or cannot be opened any more, would be missing at run time. */
function requireSecrets({ order }: Carriage): void {
  const named = order.manifest.components.flatMap((component) => (isRunning(component) ? component.secrets : []))
  const missing = [...new Set(named)].filter((name) => order.secrets?.[name] === undefined)
  if (missing.length === 0) return
  throw new PipiError('conflict.state', `workspace "${order.workspace.name}" has no secret ${missing.join(', ')}`, {
    hint: `./pipi secret set ${order.workspace.name} ${missing[0]}`,
  })
}

async function fetch(carriage: Carriage, folder: string): Promise<Fetched> {
  const { order, story, signal, birth } = carriage
  const { source } = order
  await mkdir(carriage.folder, { recursive: true })
  if (source.kind === 'upload') {
    story.tell(`unpacking the uploaded source ${source.digest.slice(0, 12)}`)
    await unpackSource({ archive: await birth.truth.upload(order, source.digest), folder, signal })
    return { folder, local: false }
  }
  const ref = source.commit ?? source.ref
  story.tell(`fetching ${source.url} at ${ref}`)
  const fetched = await fetchSource({
    url: source.url,
    ref,
    path: source.path,
    local: source.local,
    folder,
    signal,
    ...networkOf(birth),
  })
  carriage.commit = fetched.commit
  story.tell(`commit ${fetched.commit}`)
  for (const left of fetched.left) story.tell(left, 'warn')
  return {
    folder: fetched.folder,
    local: source.local,
    git: {
      ...{ url: source.url, ref: source.ref, commit: fetched.commit, path: source.path },
      head: () =>
        headOfBranch({
          ...{ url: source.url, branch: source.ref, local: source.local, signal },
          folder: join(carriage.folder, 'head'),
          ...networkOf(birth),
        }),
    },
  }
}

async function buildOne(carriage: Carriage, component: BuiltComponent, fetched: Fetched) {
  const { birth, story, signal } = carriage
  story.tell(`building ${component.name}`)
  const built = await buildComponent({
    sourceFolder: fetched.folder,
    component,
    account: carriage.order.account,
    workFolder: join(carriage.folder, 'build'),
    artifacts: birth.artifacts,
    signal,
    ...(birth.builds === undefined ? {} : { settings: birth.builds }),
    ...(fetched.git === undefined ? {} : { git: { ...fetched.git, local: fetched.local } }),
    ...networkOf(birth),
    log: (line) => story.tell(line, 'info', { component: component.name }),
  })
  const packed = join(carriage.folder, 'packed', component.name)
  await mkdir(packed, { recursive: true })
  const artifact = await keepPacked(
    await packComponent(
      birth.engine,
      { ...built, ...(fetched.git === undefined ? {} : { git: fetched.git }) },
      component,
      packed,
      {
        artifacts: birth.artifacts,
        signal,
        ...(birth.builds?.dockerConfig === undefined ? {} : { dockerConfig: birth.builds.dockerConfig }),
        log: (line) => story.tell(line, 'info', { component: component.name }),
      },
    ),
    birth.artifacts,
    signal,
  )
  story.tell(
    `${component.name} is built: ${artifact.travels === 'git' ? `git ${artifact.commit.slice(0, 12)}` : artifact.digest.slice(0, 12)}`,
  )
  return { built, artifact }
}

/** The store of this host's artifacts stays within its bounds; that it does not this time holds up nobody. */
async function tidy({ birth, signal }: Carriage): Promise<void> {
  if (!(await tidyDue(birth.artifacts))) return
  await tidyArtifacts(birth.artifacts, STORE_BOUNDS, signal).catch((error: unknown) => {
    if (!signal.aborted) birth.log('warn', 'the store of artifacts could not be tidied', { error: String(error) })
  })
}

/** What the owner of this host lets sources and builds know of its network. */
function networkOf({ network }: Birth): { environment?: Record<string, string> } {
  return network === undefined ? {} : { environment: network }
}
