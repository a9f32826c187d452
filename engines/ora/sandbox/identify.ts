import type { Json } from '../../../stacks/contract/sandbox.ts'

/** The tenancy of the sandbox's owner, which was never upgraded. All others pay as they go. */
export const OWNER = 'ocid1.tenancy.oc1..aaaaaaaapipisandboxtenancy0000000000000000000000000000000000'
export const REGIONS: ReadonlySet<string> = new Set(
  'us-ashburn-1 us-phoenix-1 eu-frankfurt-1 eu-amsterdam-1 uk-london-1 ap-tokyo-1 ap-sydney-1 ap-mumbai-1 sa-saopaulo-1 ca-toronto-1'.split(
    ' ',
  ),
)

/** Whose key this is: the tenancy that signs. */
export function identify(configuration: Json): { cloudAccount: string; region: string } {
  const { tenancyOcid, userOcid, fingerprint, privateKey, region } = configuration
  for (const given of [tenancyOcid, userOcid, fingerprint, privateKey]) {
    if (typeof given !== 'string' || given === '')
      throw new Error('can not create client, bad configuration: did not find a proper configuration for tenancy')
  }
  if (!/^ocid1\.tenancy\.oc1\.\.[a-z0-9]{20,}$/.test(String(tenancyOcid)))
    throw new Error(
      '401-NotAuthenticated, The required information to complete authentication was not provided or was incorrect.',
    )
  if (typeof region !== 'string' || !REGIONS.has(region))
    throw new Error(`can not create client, bad configuration: region can not be ${String(region)}`)
  return { cloudAccount: String(tenancyOcid), region }
}

export function wasUpgraded(tenancy: string): boolean {
  return tenancy !== OWNER
}
