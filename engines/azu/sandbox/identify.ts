import type { Json } from '../../../stacks/contract/sandbox.ts'
import { identityIn } from '../../parts/sandbox/oidc.ts'

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whose secret this is: the subscription that it acts in. */
export function identify(configuration: Json): { cloudAccount: string; region: string } {
  const { tenantId, clientId, clientSecret, subscriptionId, location } = configuration
  for (const given of [tenantId, clientId, subscriptionId]) {
    if (typeof given !== 'string' || !GUID.test(given))
      throw new Error('failed to load application credentials: please ensure you have installed Azure CLI')
  }
  if (configuration.useOidc === 'true') {
    const known = identityIn(configuration.oidcToken, 'api://AzureADTokenExchange')
    if ('problem' in known)
      throw new Error(`AADSTS700213: No matching federated identity record found: ${known.problem}`)
  } else if (typeof clientSecret !== 'string' || clientSecret === '')
    throw new Error('AADSTS7000215: Invalid client secret provided.')
  return { cloudAccount: String(subscriptionId), region: typeof location === 'string' ? location : '' }
}

/** An access token as this sandbox gives and takes them. */
export function tokenFor(subscription: string): string {
  return `sandbox-token.${subscription}`
}

/** The subscription that a call's token acts in, or undefined. */
export function subscriptionOf(authorization: string | undefined): string | undefined {
  const [, subscription] = /^Bearer sandbox-token\.(\S+)$/.exec(authorization ?? '') ?? []
  return subscription !== undefined && GUID.test(subscription) ? subscription : undefined
}
