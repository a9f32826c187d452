import { z } from 'zod'

/** What the provider is configured with. */
export const configurationSchema = z.object({
  apikey: z.string().min(1, 'an API key of IBM Cloud IAM'),
  resourceGroup: z.string().regex(/^[0-9a-f]{32}$/, 'the id of a resource group, 32 hex digits'),
})
