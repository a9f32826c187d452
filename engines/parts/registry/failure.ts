import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'

const errorsSchema = z.object({
  errors: z.array(z.looseObject({ code: z.string().optional(), message: z.string().optional() })).min(1),
})

/** A registry's refusal in its own words. `data.status`: what it answered, 0 where there was no answer. */
export async function refusal(what: string, host: string, answer: Response): Promise<PipiError> {
  return registryError(`${host} answers ${answer.status} to ${what}${await wordsOf(answer)}`, answer.status)
}

export function registryError(message: string, status: number, hint = hintOf(status), cause?: unknown): PipiError {
  return new PipiError('provider.failed', message, {
    ...(hint === undefined ? {} : { hint }),
    data: { status },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Whether what failed may go better the next time without anybody changing anything. */
export function passes(error: unknown): boolean {
  const status = statusOf(error)
  return status === 0 || status === 429 || status >= 500
}

/** What the registry answered; -1: this has another reason. */
export function statusOf(error: unknown): number {
  return error instanceof PipiError && typeof error.data.status === 'number' ? error.data.status : -1
}

function hintOf(status: number): string | undefined {
  if (status === 401 || status === 403) return 'Does the login exist, and may it do this?'
  if (status === 413) return 'The registry takes no blob of this size.'
  if (status === 0 || status === 429 || status >= 500) return 'Try it again later.'
  return undefined
}

async function wordsOf(answer: Response): Promise<string> {
  const text = (await firstBytes(answer, 4096)).trim()
  try {
    const { errors } = errorsSchema.parse(JSON.parse(text))
    return `: ${errors.map(({ code, message }) => [code, message].filter(Boolean).join(' ')).join('; ')}`.slice(0, 500)
  } catch {
    // No registry's words: a proxy's page, or nothing.
    return text === '' || text.startsWith('<') ? '' : `: ${text.slice(0, 300)}`
  }
}

/** At most so many bytes of an answer as text; the rest is not waited for. */
export async function firstBytes(answer: Response, most: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let got = 0
  try {
    for await (const chunk of answer.body ?? []) {
      chunks.push(chunk)
      got += chunk.length
      if (got >= most) break
    }
  } catch {
    // What came until then says enough.
  }
  return Buffer.concat(chunks).subarray(0, most).toString('utf8')
}
