import { z } from 'zod'
import type { IbmCloud } from './cloud.ts'

const URL = 'https://resource-controller.cloud.ibm.com/v1/reclamations'
const listSchema = z.looseObject({
  resources: z.array(z.looseObject({ id: z.string(), state: z.string().optional() })).default([]),
})

/** Ends the seven days in which IBM keeps something that was removed, and counts it. Only for what holds no users' data. */
export async function reclaim(cloud: IbmCloud, instance: string, urn: string): Promise<void> {
  const answer = await cloud.ask({ method: 'GET', url: URL, query: { resource_instance_id: instance } })
  for (const { id } of listSchema.parse(answer ?? {}).resources)
    await cloud.ask({ method: 'POST', url: `${URL}/${id}/actions/reclaim`, body: {}, urn })
}
