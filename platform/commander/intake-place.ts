import type { Problem } from '../../catalog/errors.ts'
import type { Manifest } from '../../engines/contract/manifest.ts'
import type { Workspace } from '../store/list-workspaces.ts'
import { uncarried } from './carriers.ts'
import { chooseEngine, regionFor, type Verdict } from './choose-engine.ts'
import type { EngineFacts } from './engine-facts.ts'
import type { IntakeContext, IntakeRequest } from './intake-context.ts'
import type { ProblemAt } from './schema-problems.ts'

/** Engine and region: what the request says, else where it stands, else the manifest, else the best there is. */
export async function placeOf(
  context: IntakeContext,
  request: IntakeRequest,
  manifest: Manifest,
  standing: Workspace | undefined,
  problems: Problem[],
  problemAt: ProblemAt,
): Promise<{ engine: EngineFacts; region: string; choice?: Verdict[] } | undefined> {
  const asked = request.engine ?? manifest.placement.engine
  const stands = standing?.live === true ? standing.engine : undefined
  const code = asked === 'auto' ? (stands ?? 'auto') : asked
  const wrong = (message: string, allowed: string) => {
    problems.push(
      request.engine === undefined
        ? problemAt(['placement', 'engine'], message, allowed)
        : { path: 'engine', message, allowed },
    )
  }
  const regions = request.region === undefined ? manifest.placement.regions : [request.region]

  if (code === 'auto') {
    const wanted = { ...manifest, placement: { ...manifest.placement, regions } }
    const chosen = chooseEngine(wanted, context.engines, await context.roomOf(request.account))
    return { engine: chosen.engine, region: chosen.region, choice: chosen.verdicts }
  }
  const engine = context.engines.find((one) => one.code === code)
  if (!engine) {
    wrong(`there is no engine "${code}"`, `${context.engines.map((one) => one.code).join(', ')} or auto`)
    return undefined
  }
  // What nothing there could carry is refused by the lock, wherever the workspace stands.
  const carried = uncarried(manifest.components, engine).length === 0
  if (stands !== undefined && stands !== code && request.kind !== 'preview' && carried) {
    problems.push(
      problemAt(
        ['name'],
        `a workspace "${manifest.name}" stands on ${stands} already`,
        `another name for the one on ${code}, or ./pipi destroy ${manifest.name} first`,
      ),
    )
    return undefined
  }
  const stays = stands === code && standing?.region !== undefined && request.region === undefined
  const region = stays
    ? standing.region
    : regionFor(regions, engine, (await context.roomOf(request.account))(code, manifest))
  if (region === undefined) {
    const where = `none of ${regions.join(', ')} is a free region of ${engine.name}`
    problems.push(
      request.region === undefined
        ? problemAt(['placement', 'regions'], where, engine.regions.join(', '))
        : { path: 'region', message: where, allowed: engine.regions.join(', ') },
    )
    return undefined
  }
  if (stands === code && standing?.region !== undefined && standing.region !== region && carried) {
    // Providers differ in what another region does to what stands: a move is a destroy and a deploy, said by a person.
    problems.push({
      path: 'region',
      message: `workspace "${manifest.name}" stands in ${standing.region} already`,
      allowed: `${standing.region}, or ./pipi destroy ${manifest.name} first`,
    })
    return undefined
  }
  // Where the choice was ours once, it is what it was: nothing that stands is moved by itself.
  const { name } = engine
  const stay = { engine: code, name, could: true, reason: `workspace "${manifest.name}" stands there already` }
  return { engine, region, ...(asked === 'auto' ? { choice: [stay] } : {}) }
}
