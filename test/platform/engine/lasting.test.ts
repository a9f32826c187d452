import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../../engines/scan.ts'
import { isLasting } from '../../../platform/engine/lasting.ts'

describe("a provider's configuration", () => {
  it.each([
    [
      'aws',
      { region: 'r', accessKey: 'a', secretKey: 's' },
      { region: 'r', accessKey: 'a', secretKey: 's', token: 't' },
    ],
    ['ggc', { region: 'r', credentials: '{}', project: 'p' }, { region: 'r', accessToken: 'a', project: 'p' }],
    [
      'azu',
      { tenantId: 't', clientId: 'c', clientSecret: 's', subscriptionId: 'i' },
      { tenantId: 't', clientId: 'c', oidcToken: 'o', subscriptionId: 'i' },
    ],
  ])('of %s lasts with keys, and not with a token of an hour', async (code, keys, token) => {
    const { dna } = await loadEngine(code)
    expect([isLasting(dna, keys), isLasting(dna, token)]).toEqual([true, false])
  })
})
