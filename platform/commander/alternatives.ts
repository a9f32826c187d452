import type { Manifest } from '../../engines/contract/manifest.ts'
import type { Refusal } from '../../factory/contract/truth.ts'
import type { Deployment } from '../store/deployment.ts'
import { getRequest } from '../store/get-deployment.ts'
import { roomByScope } from '../store/room-by-scope.ts'
import { judgeEngines } from './choose-engine.ts'
import type { IntakeContext } from './intake-context.ts'

export type Alternative = NonNullable<Refusal['alternatives']>[number]

/** Regions and engines named at most. */
const MOST = 4

/**
 * What the lock refused, with what would be free instead, as it stands now: other regions of the same engine, less of it,
 * other engines. Everything else comes back as it is.
 */
export async function withAlternatives(given: IntakeContext, deployment: Deployment): Promise<Deployment> {
  const { refusal } = deployment
  if (refusal === undefined || !refusal.code.startsWith('lock.')) return deployment
  const request = await getRequest(given.db, deployment.id)
  if (request === undefined) return deployment
  const context = given.enginesFor ? { ...given, engines: await given.enginesFor(deployment.account) } : given
  const alternatives = [
    ...(await otherRegions(context, deployment, refusal)),
    ...lessOfIt(request.manifest, deployment, refusal),
    ...(await otherEngines(context, deployment, request.manifest)),
  ]
  return { ...deployment, refusal: { ...refusal, alternatives } }
}

/** Where a limit is counted per region, another one may have room for all of it. */
async function otherRegions(
  { db, engines }: IntakeContext,
  { engine: code, cloudAccount, region }: Deployment,
  { code: why, meter, asked = 0, unit = '' }: Refusal,
): Promise<Alternative[]> {
  const engine = engines.find((one) => one.code === code)
  if (why !== 'lock.over-limit' || meter === undefined || engine === undefined) return []
  const rooms = await roomByScope(db, cloudAccount, meter)
  return engine.regions
    .filter((other) => other !== region)
    .map((other) => ({ other, room: rooms.get(other) ?? rooms.get('*') ?? 0 }))
    .filter(({ room }) => room > 0 && room >= asked)
    .slice(0, MOST)
    .map(({ other, room }) => ({
      engine: code,
      region: other,
      what: `${figure(room)} ${unit} of ${meter} are free in ${other}: --region ${other}`,
    }))
}

/** Part of what was asked would fit: then the one who asks may ask for less. */
function lessOfIt(manifest: Manifest, { engine }: Deployment, refusal: Refusal): Alternative[] {
  const { code, meter, unit = '', limit = 0, held = 0, asked = 0, resource = '' } = refusal
  const room = limit - held
  if (code !== 'lock.over-limit' || room <= 0 || room >= asked) return []
  const name = resource.replace(/^.*::/, '')
  const component = manifest.components.find((one) => name === one.name || name.startsWith(`${one.name}-`))
  const knobs = component?.kind === 'service' ? 'memoryMb or expect' : 'expect'
  const where = component === undefined ? '' : `, by ${knobs} of "${component.name}"`
  return [
    {
      engine,
      what: `up to ${figure(room)} ${unit} of ${meter} would fit now, ${Math.floor((room / asked) * 100)} % of what was asked: ask for less${where}`,
    },
  ]
}

/** Engines that carry all of it and have room, the roomiest first. */
async function otherEngines(
  context: IntakeContext,
  { engine: refusedBy, account }: Deployment,
  manifest: Manifest,
): Promise<Alternative[]> {
  const judged = judgeEngines(manifest, context.engines, await context.roomOf(account))
  return judged.flatMap(({ engine, could, region, reason }) =>
    could && region !== undefined && engine.code !== refusedBy
      ? [{ engine: engine.code, region, what: `${engine.name} ${reason}: --engine ${engine.code}` }]
      : [],
  )
}

function figure(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en')
}
