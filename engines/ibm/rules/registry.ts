import type { ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unsafe } from '../../demand/answer.ts'
import { numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { regionOf } from '../registry.ts'

type Inputs = Record<string, unknown>

export const registry: Record<string, ResourceRule> = {
  'ibm:registry/namespace:Namespace': ruleById(
    'ibm:registry/namespace:Namespace',
    (inputs) => {
      const [host, name] = [textAt(inputs, 'registry'), textAt(inputs, 'name')]
      return host === undefined || name === undefined ? null : `${host}/${name}`
    },
    {
      demand(inputs) {
        const region = regionOf(textAt(inputs, 'registry') ?? '')
        if (region === undefined) return unsafe('registry', inputs.registry, 'the host of a regional registry')
        return takes(amount('ibm-registry-namespaces.namespaces', 1, 'proven', 'one namespace of its region', region))
      },
    },
  ),
  'ibm:registry/image:Image': ruleById('ibm:registry/image:Image', referenceOf, {
    demand(inputs) {
      const bytes = numberAt(inputs, 'bytes')
      if (bytes === undefined) return unsafe('bytes', inputs.bytes, 'what its manifest, configuration and layers have')
      // Layers that it shares with others are counted once there, and with each here.
      return takes(amount('ibm-registry-free.storage', bytes / 1e6, 'proven', `${bytes} bytes of layers`))
    },
  }),
  'ibm:iam/serviceId:ServiceId': ruleById('ibm:iam/serviceId:ServiceId', byName, { demand: () => takes() }),
  'ibm:iam/policy:Policy': ruleById('ibm:iam/policy:Policy', byOwner, { demand: () => takes() }),
  'ibm:iam/key:Key': ruleById('ibm:iam/key:Key', byOwner, { demand: () => takes() }),
}

function referenceOf(inputs: Inputs): string | null {
  const [repository, digest] = [textAt(inputs, 'repository'), textAt(inputs, 'digest')]
  return repository === undefined || digest === undefined ? null : `${repository}@sha256:${digest}`
}

/** Names are not unique to IBM; ours hold a hash of the workspace, so nobody else's are the same. */
function byName(inputs: Inputs): string | null {
  const name = textAt(inputs, 'name')
  return name === undefined ? null : `name:${name}`
}

/** A service ID of ours has one policy and one key. */
function byOwner(inputs: Inputs): string | null {
  const iamId = textAt(inputs, 'iamId')
  return iamId === undefined ? null : `of:${iamId}`
}
