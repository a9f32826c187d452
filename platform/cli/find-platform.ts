import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'
import { readClientSettings } from '../config.ts'
import { jsonOf } from '../json-of.ts'
import type { GlobalOptions } from './verb.ts'

export interface FoundPlatform {
  url: string
  token: string | undefined
  /** What to say when nobody answers there. */
  howToStart: string
}

const platformFileSchema = z.object({ url: z.url() })

/** In this order: `--url`, `PIPI_URL`, the platform that serves the data folder (`--data`, else the project's). */
export async function findPlatform(options: GlobalOptions): Promise<FoundPlatform> {
  const settings = readClientSettings()
  const data = options.data ?? settings.data
  const url = options.url ?? settings.url
  const given = options.token ?? settings.token
  if (url !== undefined) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new PipiError('input.invalid', `--url must be an http or https address, got ${JSON.stringify(url)}`, {
        hint: 'For example --url http://127.0.0.1:7474',
      })
    }
    const elsewhere = `Check the address, or start a platform here: ./pipi serve --sandbox`
    return { url, token: given ?? (isLoopback(url) ? await ownerToken(data) : undefined), howToStart: elsewhere }
  }
  const howToStart = `Start it: ./pipi serve --sandbox${options.data === undefined ? '' : ` --data ${options.data}`}   (or give --url of one that runs)`
  const file = join(data, 'platform.json')
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw new PipiError('platform.unreachable', `${file} cannot be read: ${error.message}`, {
      hint: howToStart,
      cause: error,
    })
  })
  if (text === undefined) {
    throw new PipiError('platform.unreachable', `No platform runs on ${data}`, { hint: howToStart })
  }
  const parsed = platformFileSchema.safeParse(jsonOf(text))
  if (!parsed.success) {
    throw new PipiError('platform.unreachable', `${file} does not say where the platform is`, { hint: howToStart })
  }
  return { url: parsed.data.url, token: given ?? (await ownerToken(data)), howToStart }
}

/** The token that the first start wrote; only its owner can read it. */
async function ownerToken(data: string): Promise<string | undefined> {
  const text = await readFile(join(data, 'owner-token'), 'utf8').catch(() => undefined)
  return text?.trim()
}

/** A local owner token is sent nowhere but to this machine. */
function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
}
