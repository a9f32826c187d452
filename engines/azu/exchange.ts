import type { Exchange } from '../contract/watch.ts'

/** The provider, and ours beside it, take an identity token as it is, once they are told that it is one. */
const exchange: Exchange = async ({ credentials }) =>
  credentials.oidcToken === undefined ? { ...credentials } : { ...credentials, useOidc: 'true' }

export default exchange
