import { urlsOf } from '../urls.ts'
import type { ShownDeployment } from '../wire.ts'

export interface Answer {
  name: string
  url: string
  /** HTTP status, or why there was none. */
  answer: string
  ok: boolean
  milliseconds: number
}

/** A first request may have to start what it asks for. */
const ANSWER_MS = 30_000

/** Requests every address of a deployment once, for real. */
export async function requestUrls(deployment: ShownDeployment): Promise<Answer[]> {
  return await Promise.all(
    urlsOf(deployment.outputs).map(async ({ name, url }) => {
      const started = performance.now()
      const milliseconds = () => Math.round(performance.now() - started)
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
        await response.arrayBuffer()
        return { name, url, answer: String(response.status), ok: response.ok, milliseconds: milliseconds() }
      } catch (error) {
        const why =
          error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error)
        return { name, url, answer: why, ok: false, milliseconds: milliseconds() }
      }
    }),
  )
}
