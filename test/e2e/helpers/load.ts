import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

export interface Load {
  /** What went wrong, with the time. */
  failures(): string[]
  /** Every answer there was, in the order in which they came first. */
  seen(): string[]
  last(): string | undefined
  /** Answers that a connection got after it had got a later one. */
  backwards(): string[]
  stop(): Promise<void>
}

const CONNECTIONS = 8
const PAUSE_MS = 25
const BODY = Buffer.alloc(50_000, 'x')

/** Visitors that never stop asking, each over one connection that is kept open: small, large and slow requests. */
export function loadOn(url: string): Load {
  const failures: string[] = []
  const seen: string[] = []
  const backwards: string[] = []
  let last: string | undefined
  let over = false
  const visitor = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    let latest = 0
    for (let count = 0; !over; count += 1) {
      try {
        const answer = await ask(agent, url, count)
        if (!seen.includes(answer)) seen.push(answer)
        if (seen.indexOf(answer) < latest) backwards.push(answer)
        latest = seen.indexOf(answer)
        last = answer
      } catch (error) {
        failures.push(`${new Date().toISOString()} ${(error as Error).message}`)
      }
      await delay(PAUSE_MS)
    }
    agent.destroy()
  }
  const visitors = Array.from({ length: CONNECTIONS }, visitor)
  return {
    failures: () => failures,
    seen: () => seen,
    last: () => last,
    backwards: () => backwards,
    async stop() {
      over = true
      await Promise.all(visitors)
    },
  }
}

async function ask(agent: Agent, base: string, count: number): Promise<string> {
  const [method, path] = count % 10 === 3 ? ['POST', 'large'] : count % 10 === 7 ? ['GET', 'slow'] : ['GET', '']
  const asked = request(new URL(path, base), { agent, method })
  asked.end(method === 'POST' ? BODY : undefined)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const answer = await text(response)
  if (response.statusCode !== 200) throw new Error(`${method} /${path}: ${response.statusCode} ${answer}`)
  return answer
}
