import { createHash } from 'node:crypto'
import type { CustomResource } from '@pulumi/pulumi'
import type { ProgramContext } from '../../contract/engine.ts'
import { declarePlace, declareThere } from './place.ts'

const PLAN = 'azu/plan'

/**
 * The free plan of a workspace: all its services run in it, since a region has one. It lies in a group of its own, so that
 * it outlives each of them.
 */
export function planOf({
  workspace,
  region,
  together,
}: Pick<ProgramContext, 'workspace' | 'region' | 'together'>): CustomResource {
  const shared = together?.shared.get(PLAN) as CustomResource | undefined
  if (shared !== undefined) return shared
  const name = `${workspace.name.slice(0, 14).replace(/-+$/, '')}-plan-${hashOf(workspace.id)}`
  const plan = declareThere('web:AppServicePlan', '_plan', declarePlace('_plan', name, region), {
    name,
    kind: 'linux',
    reserved: true,
    sku: { name: 'F1', tier: 'Free' },
  })
  together?.shared.set(PLAN, plan)
  return plan
}

function hashOf(id: string): string {
  return createHash('sha256').update(`${id}/plan`).digest('hex').slice(0, 6)
}
