import type { IbmCloud } from './cloud.ts'

/** Container Registry's own HTTP API, beside the one that images are pushed by. */
export function registryApi(host: string, path: string): string {
  return `https://${host}/api/v1${path}`
}

/** Says whose it is: a key may see several accounts. */
export async function ofAccount(cloud: IbmCloud): Promise<Record<string, string>> {
  return { account: await cloud.account() }
}
