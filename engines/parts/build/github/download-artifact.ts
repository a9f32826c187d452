import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { z } from 'zod'
import { PipiError } from '../../../../catalog/errors.ts'
import type { GitHubRest } from './rest.ts'

export interface DownloadOrder {
  rest: GitHubRest
  /** `/repos/owner/name/actions`. */
  base: string
  run: number
  /** The artifact's name. */
  artifact: string
  file: string
  bytes: number
  signal: AbortSignal
  log(line: string): void
}

const artifactsSchema = z.object({
  artifacts: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      size_in_bytes: z.int(),
      expired: z.boolean(),
      digest: z.string().nullish(),
    }),
  ),
})
type Artifact = z.infer<typeof artifactsSchema>['artifacts'][number]

const TRIES = 3

/** Fetches a run's artifact as a zip whose digest is the one that GitHub states. Throws `build.failed`. */
export async function downloadArtifact(order: DownloadOrder): Promise<void> {
  const artifact = await find(order)
  for (let attempt = 1; ; attempt += 1) {
    try {
      const digest = await fetchOnce(order, artifact)
      if (artifact.digest == null) order.log('GitHub states no digest of the artifact: it is taken as it came')
      else if (artifact.digest !== `sha256:${digest}`)
        throw new Error(`its digest is sha256:${digest}, and GitHub states ${artifact.digest}`)
      return
    } catch (error) {
      order.signal.throwIfAborted()
      if (error instanceof PipiError) throw error
      if (attempt === TRIES)
        throw failed(
          `The artifact "${artifact.name}" cannot be fetched: ${(error as Error).message}`,
          'Deploy again later.',
          error,
        )
    }
  }
}

async function find({ rest, base, run, artifact, bytes }: DownloadOrder): Promise<Artifact> {
  const path = `${base}/runs/${run}/artifacts?per_page=100`
  const { artifacts } = artifactsSchema.parse(await rest.json('GET', path))
  const found = artifacts.find(({ name }) => name === artifact)
  if (found === undefined) {
    const names = artifacts.map(({ name }) => name).join(', ') || 'none'
    throw failed(
      `The run has no artifact "${artifact}"; it has: ${names}`,
      'Name the one that actions/upload-artifact makes as build.github.artifact.',
    )
  }
  if (found.expired) throw failed(`The artifact "${artifact}" has expired`, 'Deploy again: then it is built anew.')
  if (found.size_in_bytes > bytes) throw tooLarge(found.size_in_bytes, bytes)
  return found
}

/** Digest of what was fetched, sha256 in hex. GitHub sends on to a store of blobs, which gets no token of ours. */
async function fetchOnce({ rest, base, file, bytes, signal }: DownloadOrder, { id }: Artifact): Promise<string> {
  const answer = await rest.call('GET', `${base}/artifacts/${id}/zip`)
  const place = answer.headers.get('location')
  if (answer.status !== 302 || place === null || !/^https?:/.test(place))
    throw new Error(`GitHub answers ${answer.status} in place of saying where it is`)
  const blob = await fetch(place, {
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(300_000)]),
  })
  if (!blob.ok || blob.body === null) throw new Error(`the store of blobs answers ${blob.status}`)
  const target = await open(file, 'w')
  const hash = createHash('sha256')
  let got = 0
  try {
    for await (const chunk of blob.body) {
      got += chunk.length
      if (got > bytes) throw tooLarge(got, bytes)
      hash.update(chunk)
      await target.write(chunk)
    }
  } finally {
    await target.close()
  }
  return hash.digest('hex')
}

function tooLarge(got: number, most: number): PipiError {
  const mib = (bytes: number) => Math.round(bytes / 1024 ** 2)
  return failed(
    `The artifact is larger than ${mib(most)} MiB (${mib(got)} MiB)`,
    'Upload only what is to be served or run.',
  )
}

function failed(message: string, hint: string, cause?: unknown): PipiError {
  return new PipiError('build.failed', message, { hint, ...(cause === undefined ? {} : { cause }) })
}
