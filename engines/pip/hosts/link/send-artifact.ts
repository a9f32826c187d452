import { create } from 'tar'
import { z } from 'zod'
import { PipiError } from '../../../../catalog/errors.ts'
import { listFiles } from '../../../parts/build/digest.ts'
import { slugSchema } from '../../supervisor/spec.ts'
import type { Answered, Asked } from './asked.ts'
import { bringArtifact, clearIncoming } from './bring.ts'
import type { Way } from './link.ts'

/** What of a wanted process concerns its files; all else is passed on as it is. */
const artifactSchema = z.looseObject({
  name: slugSchema,
  source: z.string().startsWith('/'),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
})
type Artifact = z.output<typeof artifactSchema>

/**
 * Passes a question on. One that wants a process made gets its artifact sent along first, unless the host has that
 * release already, and names the copy there: the supervisor looks at its digest before it takes it.
 */
export async function withArtifact(
  way: Way,
  asked: Asked,
  pass: (asked: Asked) => Promise<Answered>,
  signal: AbortSignal,
): Promise<Answered> {
  const artifact = artifactIn(asked)
  if (artifact === undefined) return pass(asked)
  const { supervisor, ssh } = way
  const there = { method: 'GET', path: `/releases/${artifact.name}/${artifact.digest}`, body: undefined }
  if ((await pass(there)).status === 200) return pass(asked)
  const place = { folder: supervisor.folder, process: artifact.name, digest: artifact.digest }
  const source = await bringArtifact(ssh, place, await packed(artifact), signal)
  const answer = await pass({ ...asked, body: Buffer.from(JSON.stringify({ ...artifact, source })) })
  await clearIncoming(ssh, supervisor.folder, artifact.name)
  return answer
}

function artifactIn({ method, path, body }: Asked): Artifact | undefined {
  if (method !== 'PUT' || !path.startsWith('/processes/') || body === undefined) return undefined
  // What is no process is refused by the supervisor, in its own words.
  return artifactSchema.safeParse(parsed(body)).data
}

async function packed({ name, source, bytes }: Artifact): Promise<AsyncIterable<Uint8Array>> {
  const files = await listFiles(source).catch((cause: NodeJS.ErrnoException) => {
    throw new PipiError('provider.failed', `The artifact of ${name} cannot be read: ${cause.message}`, {
      hint: 'It has to lie on the machine of the platform. Deploy again to build it again.',
      cause,
    })
  })
  const size = files.reduce((sum, file) => sum + file.size, 0)
  if (size > bytes) {
    throw new PipiError('provider.failed', `The artifact of ${name} has ${size} bytes, granted are ${bytes}`, {
      hint: 'It changed after it was planned. Deploy again.',
    })
  }
  const options = {
    cwd: source,
    gzip: { level: 6 },
    portable: true,
    noDirRecurse: true,
    mtime: new Date(0),
    strict: true,
  }
  // A name that starts with "@" would be read as an archive to take over.
  return create(
    options,
    files.map(({ path }) => `./${path}`),
  ) as AsyncIterable<Uint8Array>
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
