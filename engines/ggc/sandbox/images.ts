import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { imageResource } from '../../parts/sandbox/registry.ts'
import { OWN } from '../own-types.ts'
import { projectOf } from './identify.ts'
import { MULTI_REGIONS, REGIONS } from './regions.ts'
import { LABELS, labelled, text } from './values.ts'

export const REPOSITORY = 'gcp:artifactregistry/repository:Repository'
const MODES = ['STANDARD_REPOSITORY', 'VIRTUAL_REPOSITORY', 'REMOTE_REPOSITORY']

/** Artifact Registry: repositories by the plugin, and the images in them, which come by its own HTTP API. */
export const images: Record<string, SimulatedResource> = {
  [OWN.image]: imageResource(),
  [REPOSITORY]: {
    replaceOn: ['repositoryId', 'location', 'format', 'mode', 'kmsKeyName', 'project'],
    deleteBeforeReplace: true,
    tagProperty: 'labels',
    secretOutputs: LABELS,
    unique: (inputs) => ({
      name: `${text(inputs, 'location')}/${text(inputs, 'repositoryId')}`,
      taken: 'Error creating Repository: googleapi: Error 409: the repository already exists.',
    }),
    importId: (id, world) => {
      const [, location, name] = /^([^/]+)\/([^/]+)$/.exec(id) ?? []
      return location === undefined ? id : repositoryId(projectOf(world.cloudAccount), location, name ?? '')
    },
    async check(inputs) {
      const failures: { property: string; reason: string }[] = []
      const [location, name, mode] = [text(inputs, 'location'), text(inputs, 'repositoryId'), text(inputs, 'mode')]
      if (location !== undefined && !REGIONS.has(location) && !MULTI_REGIONS.has(location.toUpperCase()))
        failures.push({ property: 'location', reason: `googleapi: Error 400: unknown location "${location}"` })
      if (name !== undefined && !/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
        failures.push({ property: 'repositoryId', reason: `googleapi: Error 400: invalid repository id "${name}"` })
      if (mode !== undefined && !MODES.includes(mode))
        failures.push({ property: 'mode', reason: `expected mode to be one of [${MODES.join(' ')}], got ${mode}` })
      return { inputs: { mode: 'STANDARD_REPOSITORY', ...inputs }, failures }
    },
    async create(inputs, world) {
      const project = projectOf(world.cloudAccount)
      const location = text(inputs, 'location') ?? world.region
      const name = text(inputs, 'repositoryId') ?? ''
      const outputs = {
        ...inputs,
        ...labelled(inputs),
        name,
        location,
        project,
        registryUri: `${location}-docker.pkg.dev/${project}/${name}`,
        createTime: new Date(world.now()).toISOString(),
      }
      return { id: repositoryId(project, location, name), outputs }
    },
    update: async (_id, inputs, old) => ({ outputs: { ...old.outputs, ...inputs, ...labelled(inputs) } }),
  },
}

export function repositoryId(project: string, location: string, name: string): string {
  return `projects/${project}/locations/${location}/repositories/${name}`
}

/** Where images of a repository (its id) lie: host and path. */
export function placeOfRepository(id: string): string {
  const [, project, , location, , name] = id.split('/')
  return `${location}-docker.pkg.dev/${project}/${name}`
}
