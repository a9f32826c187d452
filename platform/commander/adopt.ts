import { PipiError } from '../../catalog/errors.ts'
import { nameOfUrn } from '../../stacks/wire/urn.ts'
import type { Deployment } from '../store/deployment.ts'
import { getWorkspace, type Workspace } from '../store/list-workspaces.ts'
import type { Database } from '../store/open.ts'
import { type Orphan, openForAdoption, orphansOf } from '../store/orphans.ts'
import { whatStands } from '../store/what-stands.ts'
import type { IntakeRequest } from './intake-context.ts'

export interface JudgedOrphan extends Orphan {
  /** Name of the resource in its workspace. */
  name?: string
  /** A deployment of what stands can take it in. */
  adoptable: boolean
  /** What would become of it, or why it cannot be taken in. */
  says: string
}

export interface Adoption {
  account: string
  workspace: string
  by: string
  local: boolean
  key?: string | undefined
}

/** What of a workspace is at its platform, or may be, and is nobody's; nothing is decided by looking. */
export async function judgeOrphans(db: Database, account: string, name: string): Promise<JudgedOrphan[]> {
  const { workspace, components } = await standing(db, account, name)
  return (await orphansOf(db, workspace)).map((one) => judge(one, components, name))
}

/** Deploys what stands once more, with all that can be adopted looked up first and taken in where it is found. */
export async function adopt(
  db: Database,
  intake: (request: IntakeRequest) => Promise<Deployment>,
  asked: Adoption,
): Promise<Deployment> {
  const { account, workspace: name, by, local, key } = asked
  const { workspace, components } = await standing(db, account, name)
  if (!workspace.live) {
    throw new PipiError('conflict.state', `nothing of workspace "${name}" stands that could take anything in`, {
      hint: `./pipi deploy ${name} adopts what its interrupted deployments left, ./pipi destroy ${name} deletes it`,
    })
  }
  const all = (await orphansOf(db, workspace)).map((one) => judge(one, components, name))
  const urns = all.flatMap(({ adoptable, urn }) => (adoptable && urn !== undefined ? [urn] : []))
  if (urns.length === 0) {
    throw new PipiError('conflict.state', `there is nothing of workspace "${name}" that could be adopted`, {
      hint: all.map(({ says }) => says).join('; ') || `./pipi quota reconcile asks the platform anew`,
    })
  }
  await openForAdoption(db, { account, workspace, urns, by })
  return intake({ kind: 'deploy', workspace: name, asItStands: true, account, by, local, key })
}

async function standing(
  db: Database,
  account: string,
  name: string,
): Promise<{ workspace: Workspace; components: string[] }> {
  const workspace = await getWorkspace(db, account, name)
  if (!workspace) throw new PipiError('not-found', `there is no workspace "${name}"`, { hint: 'see ./pipi list' })
  const stands = await whatStands(db, workspace.id)
  return { workspace, components: (stands?.manifest.components ?? []).map((component) => component.name) }
}

function judge(one: Orphan, components: readonly string[], workspace: string): JudgedOrphan {
  const { urn, type, id, inPlace } = one
  const what = `${type}${id === undefined ? '' : ` ${id}`}`
  if (urn === undefined)
    return {
      ...one,
      adoptable: false,
      says: `${what} carries the tag of ${workspace}, and nobody can say which part of it it was`,
    }
  const name = nameOfUrn(urn)
  if (inPlace !== undefined)
    return {
      ...one,
      name,
      adoptable: false,
      says: `${what} is a second "${name}", which stands as ${inPlace}: delete it at the platform`,
    }
  if (!components.some((component) => name === component || name.startsWith(`${component}-`) || name.startsWith('_')))
    return {
      ...one,
      name,
      adoptable: false,
      says: `${what} was "${name}", which ${workspace} has no more: delete it at the platform`,
    }
  return { ...one, name, adoptable: true, says: `${what} is looked up and taken in as "${name}"` }
}
