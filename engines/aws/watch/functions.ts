import { z } from 'zod'
import type { WatchContext } from '../../contract/watch.ts'
import { allPages, callGet } from './call.ts'

const configurationSchema = z.object({
  FunctionName: z.string(),
  FunctionArn: z.string(),
  Runtime: z.string().optional(),
  Timeout: z.number().optional(),
  MemorySize: z.number().optional(),
  PackageType: z.string().optional(),
  Architectures: z.array(z.string()).optional(),
  EphemeralStorage: z.object({ Size: z.number() }).optional(),
  SnapStart: z.object({ ApplyOn: z.string() }).optional(),
})
export type FunctionConfiguration = z.infer<typeof configurationSchema>

const pageSchema = z.object({ Functions: z.array(configurationSchema), NextMarker: z.string().nullish() })
const functionSchema = z.object({
  Configuration: configurationSchema,
  Tags: z.record(z.string(), z.string()).optional(),
  Concurrency: z.object({ ReservedConcurrentExecutions: z.number().optional() }).optional(),
})
export type LambdaFunction = z.infer<typeof functionSchema>

/** All functions of a region. The list shows neither tags nor what is reserved. */
export function listFunctions(context: WatchContext, region: string): Promise<FunctionConfiguration[]> {
  return allPages(async (marker) => {
    const query = new URLSearchParams({ MaxItems: '50', ...(marker === undefined ? {} : { Marker: marker }) })
    const page = await callGet(context, `${addressOf(region)}?${query}`, pageSchema)
    return { items: page?.Functions ?? [], next: page?.NextMarker ?? undefined }
  })
}

/** One function with its tags and what is reserved for it; undefined when it has gone meanwhile. */
export function getFunction(context: WatchContext, region: string, name: string): Promise<LambdaFunction | undefined> {
  return callGet(context, `${addressOf(region)}${encodeURIComponent(name)}`, functionSchema)
}

function addressOf(region: string): string {
  return `https://lambda.${region}.amazonaws.com/2015-03-31/functions/`
}
