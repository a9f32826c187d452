import { PipiError } from '../../catalog/errors.ts'
import type { Workspace } from '../store/list-workspaces.ts'
import type { Database } from '../store/open.ts'
import { type KeptRelease, keptReleases } from '../store/releases.ts'

/**
 * The deployment that a rollback goes back to: by its number, else the one before what stands. What went back itself
 * counts as what it went back to, so that a second step back is a step further.
 */
export async function releaseToGoBackTo(
  db: Database,
  workspace: Workspace,
  to: number | undefined,
): Promise<KeptRelease> {
  const { name } = workspace
  const releases = await keptReleases(db, workspace.id)
  if (!workspace.live) {
    throw new PipiError('conflict.state', `nothing of workspace "${name}" stands, so that nothing can go back`, {
      hint: `./pipi deploy ${name} brings it up again`,
    })
  }
  const able = releases.filter((one) => one.status === 'succeeded' && stands(one, workspace))
  const hint = hintFor(name, able)
  if (to !== undefined) {
    const found = releases.find((one) => one.number === to)
    if (found === undefined)
      throw new PipiError('not-found', `workspace "${name}" has no deployment number ${to} to go back to`, { hint })
    if (found.status !== 'succeeded') {
      const how = `it ${found.status === 'refused' ? 'was refused' : `is ${found.status}`}`
      throw new PipiError('conflict.state', `number ${to} of workspace "${name}" never stood: ${how}`, { hint })
    }
    if (!able.includes(found)) {
      throw new PipiError(
        'conflict.state',
        `number ${to} of workspace "${name}" stood on ${found.engine} (${found.region}), and it stands on ${workspace.engine} (${workspace.region}) now`,
        { hint: `a rollback moves nothing to another place. ${hint}` },
      )
    }
    return found
  }
  const under = releases.find((one) => one.finished === undefined)
  if (under !== undefined) {
    throw new PipiError('conflict.state', `number ${under.number} of workspace "${name}" is under way`, {
      hint: `wait for it, ./pipi cancel ${under.id}, or say where to go: --to N. ${hint}`,
    })
  }
  const standing = able.at(-1)
  const origin = standing?.goesBackTo ?? standing?.number ?? 0
  const before = able.filter((one) => one.number < origin && one.goesBackTo === undefined).at(-1)
  if (before !== undefined) return before
  throw new PipiError('conflict.state', `workspace "${name}" has nothing before number ${origin} to go back to`, {
    hint,
  })
}

function stands(one: KeptRelease, { engine, region, cloudAccount }: Workspace): boolean {
  return one.engine === engine && one.region === region && one.cloudAccount === cloudAccount
}

function hintFor(name: string, able: readonly KeptRelease[]): string {
  const numbers = able.map((one) => one.number).slice(-10)
  return numbers.length === 0
    ? `see ./pipi status ${name}`
    : `it can go back to ${numbers.join(', ')}: see ./pipi status ${name}`
}
