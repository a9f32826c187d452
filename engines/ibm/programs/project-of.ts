import { createHash } from 'node:crypto'
import type { ProgramContext } from '../../contract/engine.ts'
import { Project } from './resources.ts'

/** The project that all functions of a workspace lie in: a region has room for twenty. */
export function projectOf({
  workspace,
  region,
  together,
}: Pick<ProgramContext, 'workspace' | 'region' | 'together'>): Project {
  const shared = together?.shared.get('project')
  if (shared instanceof Project) return shared
  const hash = createHash('sha256').update(workspace.id).digest('hex').slice(0, 10)
  const name = `${workspace.name.slice(0, 20).replace(/-+$/, '')}-${hash}`
  const project = new Project('_project', { name, region })
  together?.shared.set('project', project)
  return project
}
