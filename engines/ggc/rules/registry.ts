import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unsafe } from '../../demand/answer.ts'
import { numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { OWN } from '../own-types.ts'

type Inputs = Record<string, unknown>

const REPOSITORY = 'gcp:artifactregistry/repository:Repository'
const PLACE = /^[a-z0-9-]+-docker\.pkg\.dev\/[a-z0-9._/-]+$/

/** A repository is counted by what lies in it, and that is images. */
export const registry: Record<string, ResourceRule> = {
  [REPOSITORY]: ruleById(REPOSITORY, repositoryId, { tagged: 'labels', demand: () => takes() }),
  [OWN.image]: ruleById(OWN.image, imageId, { demand: imageDemand }),
}

/** Its bytes never change, so they are known exactly for as long as it lies there. What layers share is counted twice. */
function imageDemand(inputs: Inputs): DemandAnswer {
  const repository = textAt(inputs, 'repository')
  if (repository !== undefined && !PLACE.test(repository))
    return unsafe('repository', repository, 'a place in Artifact Registry, as us-central1-docker.pkg.dev/…')
  const bytes = numberAt(inputs, 'bytes')
  if (bytes === undefined || bytes <= 0)
    return unsafe('bytes', bytes, 'the number of bytes that a registry keeps of it')
  return takes(amount('gcp-artifact-registry.storage', bytes / 1e9, 'proven', `an image of ${bytes} bytes`))
}

function repositoryId(inputs: Inputs): string | null {
  const [location, name] = [textAt(inputs, 'location'), textAt(inputs, 'repositoryId')]
  return location === undefined || name === undefined ? null : `${location}/${name}`
}

function imageId(inputs: Inputs): string | null {
  const [repository, digest] = [textAt(inputs, 'repository'), textAt(inputs, 'digest')]
  return repository === undefined || digest === undefined ? null : `${repository}@sha256:${digest}`
}
