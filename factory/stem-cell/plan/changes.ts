import { isDeepStrictEqual } from 'node:util'
import { type Foreseen, openForesight } from '../../../stacks/planner/foresee.ts'
import { planProgram } from '../../../stacks/planner/plan-program.ts'
import type { PlannedResource } from '../../../stacks/planner/planned.ts'
import type { StackState, StateResource } from '../../../stacks/state/read.ts'
import { isAtPlatform } from '../../../stacks/wire/urn.ts'
import { plain } from '../../../stacks/wire/values.ts'
import { type Carriage, projectOf, standsStill } from '../carriage.ts'
import { programOf } from '../program.ts'

/** A resource that the program wants, and what would become of it. */
export interface Change {
  resource: PlannedResource
  foreseen: Foreseen | { operation: 'create' }
}

/**
 * What a program wants, against what the stack holds. Whether a change replaces is the provider's to say. What depends
 * on a replaced resource knows nothing of it yet, so the program is run again until nothing new is replaced.
 */
export async function foreseeChanges(
  carriage: Carriage,
  state: StackState,
  onWanted: (resource: PlannedResource) => void,
): Promise<Change[]> {
  const held = new Map(state.resources.filter((each) => !each.pendingDelete).map((each) => [each.urn, each]))
  const replaced = new Set([...held.values()].filter((each) => each.pendingReplacement).map((each) => each.urn))
  const foresight = openForesight({
    upstreams: carriage.upstreams,
    configuration: carriage.configuration,
    rules: carriage.rules,
    workspace: carriage.order.workspace.id,
    suspended: standsStill(carriage),
  })
  try {
    let before: Change[] = []
    for (;;) {
      const wanted = await wantedBy(carriage, held, replaced)
      for (const resource of wanted) onWanted(resource)
      const changes = await Promise.all(
        wanted.map(async (resource): Promise<Change> => {
          const existing = held.get(resource.urn)
          if (existing === undefined) return { resource, foreseen: { operation: 'create' } }
          if (existing.pendingReplacement) return { resource, foreseen: GONE }
          const known = before.find((each) => each.resource.urn === resource.urn)
          if (known !== undefined && isDeepStrictEqual(known.resource.inputs, resource.inputs))
            return { resource, foreseen: known.foreseen }
          return { resource, foreseen: await foresight.of(resource, existing) }
        }),
      )
      const more = changes.filter(({ resource, foreseen }) => {
        return foreseen.operation === 'replace' && !replaced.has(resource.urn)
      })
      if (more.length === 0) return changes
      for (const { resource } of more) replaced.add(resource.urn)
      before = changes
    }
  } finally {
    foresight.close()
  }
}

const GONE: Foreseen = { operation: 'replace', deleteFirst: 'the old one is gone already' }

/** The program's resources, which know the outputs of what is to stay. */
async function wantedBy(
  carriage: Carriage,
  held: ReadonlyMap<string, StateResource>,
  replaced: ReadonlySet<string>,
): Promise<PlannedResource[]> {
  const known = new Map(
    [...held.values()].flatMap(({ urn, id, outputs }) =>
      id === undefined || replaced.has(urn) ? [] : [[urn, { id, outputs: plain(outputs) }] as const],
    ),
  )
  const all = await planProgram({
    project: projectOf(carriage.order.engine),
    stack: carriage.order.workspace.id,
    program: programOf(carriage),
    known,
  })
  return all.filter(isAtPlatform)
}
