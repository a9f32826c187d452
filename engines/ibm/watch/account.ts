import { z } from 'zod'
import type { WatchContext } from '../../contract/watch.ts'
import { call } from './call.ts'

const detailsSchema = z.looseObject({
  account_id: z.string(),
  locked: z.boolean().optional(),
  disabled: z.boolean().optional(),
})
export type KeyDetails = z.infer<typeof detailsSchema>

/** What IAM says of the engine's own API key, and whose account it is. */
export async function keyDetails(context: WatchContext): Promise<KeyDetails | undefined> {
  const key = context.credentials.apikey ?? ''
  return call(context, 'https://iam.cloud.ibm.com/v1/apikeys/details', detailsSchema, {
    headers: { 'iam-apikey': key },
  })
}
