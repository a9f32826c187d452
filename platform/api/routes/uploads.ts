import { createHash } from 'node:crypto'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { putUpload } from '../../store/upload.ts'
import { callerOf } from '../authenticate.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const MAX_BYTES = 50 * 1024 * 1024

export const uploadRoutes: Routes = (api, context) => {
  for (const type of ['application/gzip', 'application/x-gzip', 'application/octet-stream', 'application/x-tar']) {
    api.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: MAX_BYTES }, (_request, body, done) =>
      done(null, body),
    )
  }

  api.put(
    '/v1/uploads/:sha256',
    {
      config: { access: 'deployer' },
      bodyLimit: MAX_BYTES,
      schema: {
        summary: 'Send a source (tar.gz, at most 50 MB) under its sha256',
        params: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits in small letters') }),
        response: { 200: z.object({ digest: z.string(), bytes: z.number() }), default: problemResponse },
      },
    },
    async (request) => {
      const body = request.body
      if (!Buffer.isBuffer(body) || body.length === 0) {
        throw new PipiError('input.invalid', 'the body holds no bytes', {
          hint: 'send the tar.gz itself with content-type application/gzip',
        })
      }
      const { account } = callerOf(request)
      const digest = createHash('sha256').update(body).digest('hex')
      if (digest !== request.params.sha256) {
        throw new PipiError(
          'input.invalid',
          `the body has the sha256 ${digest}, the address says ${request.params.sha256}`,
          { hint: 'send it again' },
        )
      }
      await putUpload(context.db, account, digest, body)
      return { digest, bytes: body.length }
    },
  )
}
