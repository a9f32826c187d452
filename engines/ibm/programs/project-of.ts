import { createHash } from 'node:crypto'
import type { ProgramContext } from '../../contract/engine.ts'
import { Project } from './resources.ts'

/** The project that everything of a workspace that runs lies in: a region has room for twenty. */
export function projectOf(context: Pick<ProgramContext, 'workspace' | 'region' | 'together'>): Project {
  const { region, together } = context
  const shared = together?.shared.get('project')
  if (shared instanceof Project) return shared
  const project = new Project('_project', { name: nameOf(context, 31), region })
  together?.shared.set('project', project)
  return project
}

/** A name for what a workspace has one of, at most so long, which nobody else has: it holds a hash of the workspace. */
export function nameOf({ workspace }: Pick<ProgramContext, 'workspace'>, most: number): string {
  const hash = createHash('sha256').update(workspace.id).digest('hex').slice(0, 10)
  return `${workspace.name.slice(0, most - 11).replace(/-+$/, '')}-${hash}`
}
