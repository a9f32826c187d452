import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unsafe } from '../../demand/answer.ts'
import { fillIn, textAt } from '../../demand/inputs.ts'
import { ruleByName } from './find.ts'

export const secrets: Record<string, ResourceRule> = {
  'oci:Kms/vault:Vault': ruleByName('oci:Kms/vault:Vault', {
    stateful: true,
    safe: (inputs) => fillIn(inputs, { vaultType: 'DEFAULT' }),
    demand: (inputs) => (inputs.vaultType === 'DEFAULT' ? takes() : unsafe('vaultType', inputs.vaultType, 'DEFAULT')),
  }),
  'oci:Kms/key:Key': ruleByName('oci:Kms/key:Key', {
    stateful: true,
    safe: (inputs) => fillIn(inputs, { protectionMode: 'SOFTWARE' }),
    demand: keyDemand,
  }),
  'oci:Vault/secret:Secret': ruleByName('oci:Vault/secret:Secret', {
    stateful: true,
    demand: () => takes(amount('oci-vault.secrets', 1, 'proven', 'one secret')),
  }),
}

/** Keys kept in software have no limit; each version in hardware counts, and a rotation makes one. */
function keyDemand(inputs: Record<string, unknown>): DemandAnswer {
  if (inputs.isAutoRotationEnabled !== undefined && inputs.isAutoRotationEnabled !== false)
    return unsafe('isAutoRotationEnabled', inputs.isAutoRotationEnabled, 'false: each rotation makes a version')
  const mode = textAt(inputs, 'protectionMode')
  if (mode === 'SOFTWARE') return takes()
  if (mode !== 'HSM') return unsafe('protectionMode', mode, 'SOFTWARE, HSM')
  return takes(amount('oci-vault.hsm-key-versions', 1, 'proven', 'one version of a key'))
}
