import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { type Azure, failed, jsonOf } from './azure.ts'
import type { Part } from './split-zip.ts'

/** Looks at a distribution: with two seconds between them ten minutes. */
const LOOKS = 300

const pollingSchema = z.looseObject({ stageSiteIdentifier: z.string().nullish(), version: z.string().nullish() })
const requestedSchema = z.object({
  packageUris: z.looseObject({ app: z.string().nullish(), api: z.string().nullish() }),
  pollingInfo: pollingSchema,
})
const statusSchema = z.looseObject({ deploymentStatus: z.string(), errorDetails: z.unknown().optional() })
const envelopeSchema = z.looseObject({
  isSuccessStatusCode: z.boolean().nullish(),
  statusCode: z.number().nullish(),
  errorMessage: z.string().nullish(),
  response: z.unknown(),
})

export interface SiteUpload {
  /** `https://content-….infrastructure.azurestaticapps.net`, as the app itself names it. */
  endpoint: string
  /** The app's own deployment token. */
  token: string
  app: Part
  api?: Part
}

/**
 * Brings files to a Static Web App as Azure's own client for it does: the content service is told what comes, gives
 * addresses to put the zips at, and distributes them to the world. The token goes to the content service alone.
 */
export async function uploadSite(azure: Azure, { endpoint, token, app, api }: SiteUpload): Promise<void> {
  const correlation = randomUUID()
  const ask = async <T>(verb: string, form: z.ZodType<T>, body: unknown): Promise<T> => {
    const url = `${endpoint}/api/upload/${verb}?apiVersion=v1&deploymentCorrelationId=${correlation}`
    const answer = await azure.call(url, {
      method: 'POST',
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const said = await jsonOf(answer)
    const envelope = envelopeSchema.safeParse(said)
    // Refusals also come as an envelope that says so inside of a 200.
    if (!answer.ok || !envelope.success || envelope.data.isSuccessStatusCode === false)
      throw failed(`upload/${verb}`, answer.status, envelope.data?.errorMessage ?? said)
    return form.parse(envelope.data.response)
  }
  // The deployment token's first part ends in the number of the slice, where that is not the first.
  const Slice = Number(token.split('-')[0]?.slice(64) || 0)
  const EventInfo = { IsPullRequest: false, IsNamedEnvironment: false, Slice }
  const uploadInfo = (Status: string) => ({
    Status,
    TotalAppSizeInBytes: app.size,
    AppFileCount: app.files,
    MaxSingleFileSizeInBytes: Math.max(app.largest, api?.largest ?? 0),
    DefaultFileType: 'index.html',
    HasFunctions: api !== undefined,
    ApiSizeInBytes: api?.size ?? 0,
    ...(api === undefined
      ? {}
      : {
          ApiContentHash: createHash('sha256').update(api.bytes).digest('hex'),
          FunctionLanguage: 'node',
          FunctionLanguageVersion: '22',
        }),
    HasRoutes: true,
    ConfiguredRoles: [],
    DeploymentProvider: 'Custom',
    ServerRenderFramework: 'StaticWebApp',
    Slice,
  })
  await ask('validateapitoken', z.unknown(), EventInfo)
  const asked = await ask('request', requestedSchema, {
    EventInfo,
    UploadInfo: uploadInfo('RequestingUpload'),
    PollingInfo: null,
  })
  await putBlob(azure, asked.packageUris.app, app)
  // None where the service has that function already.
  if (api !== undefined && asked.packageUris.api) await putBlob(azure, asked.packageUris.api, api)
  const PollingInfo = { ...asked.pollingInfo, Slice }
  await ask('updatestatus', z.unknown(), { EventInfo, UploadInfo: uploadInfo('Succeeded'), PollingInfo })
  for (let look = 0; look < LOOKS; look += 1) {
    const { deploymentStatus, errorDetails } = await ask('checkstatus', statusSchema, PollingInfo)
    if (deploymentStatus === 'Succeeded') return
    if (deploymentStatus !== 'InProgress') {
      const why = typeof errorDetails === 'string' ? errorDetails : JSON.stringify(errorDetails ?? 'no reason is given')
      throw new PipiError('provider.failed', `the content service said ${deploymentStatus}: ${why}`)
    }
    await azure.pause()
  }
  throw new PipiError('provider.failed', 'the files were not distributed within ten minutes', {
    hint: 'deploy it again',
  })
}

async function putBlob(azure: Azure, address: string | null | undefined, { bytes }: Part): Promise<void> {
  if (!address?.startsWith('https://')) throw new Error('the content service named no address for the files')
  const answer = await azure.call(address, {
    method: 'PUT',
    headers: { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/zip' },
    body: bytes,
  })
  if (!answer.ok) throw failed('the zip of the files', answer.status, await jsonOf(answer))
  await answer.body?.cancel()
}
