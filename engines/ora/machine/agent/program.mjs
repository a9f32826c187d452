import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { clearRun } from './clear-runs.mjs'
import { commandOf } from './command.mjs'
import { descendantsOf, memoryOf } from './descendants.mjs'

const LOOK_MS = 50
const ANSWER_MS = 5_000
const GRACE_MS = 10_000
const MEMORY_LOOK_MS = 500
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000

/** One component's program, kept running on a loopback port: started again when it ends, ever later. */
export class Program {
  port = 0
  #spec
  #release
  #home
  #child
  #wanted = true
  #many = false
  #cleared = Promise.resolve()
  #log

  constructor(spec, release, { home, log }) {
    this.#spec = spec
    this.#release = release
    this.#home = home
    this.#log = log
  }

  async start() {
    this.port = await freePort()
    await mkdir(this.#home, { recursive: true })
    this.#run(FIRST_PAUSE_MS)
  }

  /** Whether it answers its health path below 400 within the time; one that names no such path may answer "not found". */
  async becomesHealthy(ms) {
    const until = performance.now() + ms
    const { health } = this.#spec
    while (this.#wanted && performance.now() < until) {
      if ((await statusOf(this.port, health ?? '/')) < (health === undefined ? 500 : 400)) return true
      await delay(LOOK_MS)
    }
    return false
  }

  async stop() {
    this.#wanted = false
    const child = this.#child
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return this.#cleared
    const gone = once(child, 'exit')
    // What enters an image passes nothing on.
    if (this.#many) for (const pid of await descendantsOf(child.pid)) tell(pid)
    else child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
    await gone
    clearTimeout(timer)
    await this.#cleared
  }

  #run(pause) {
    if (!this.#wanted) return
    const { command, args, cwd, environment, folder } = commandOf(this.#spec, this.#release, {
      port: this.port,
      home: this.#home,
    })
    const began = performance.now()
    const child = spawn(command, args, { cwd, env: environment, stdio: ['ignore', 'inherit', 'inherit'] })
    this.#child = child
    this.#many = folder !== undefined
    if (folder !== undefined) {
      this.#watch(child)
      const clear = () => {
        this.#cleared = Promise.all([this.#cleared, clearRun(folder, this.#log)])
      }
      child.once('exit', clear)
      child.once('error', clear)
    }
    const again = (why) => {
      if (!this.#wanted) return
      this.#log(`${this.#spec.name} ${why}; it is started again in ${pause} ms`)
      // What ran for long starts over with a short pause.
      const next = performance.now() - began > LONGEST_PAUSE_MS ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS)
      setTimeout(() => this.#run(next), pause).unref()
    }
    child.once('error', (error) => again(`could not be started: ${error.message}`))
    child.once('exit', (code, signal) => again(`ended with ${signal ?? code}`))
  }

  /** What has no limit of its own, as a heap is, ends above its memory, with all that it started. */
  #watch(child) {
    const timer = setInterval(async () => {
      const held = await memoryOf(child.pid).catch(() => 0)
      if (held <= this.#spec.memoryMb || child.exitCode !== null || child.signalCode !== null) return
      this.#log(`${this.#spec.name} held ${Math.ceil(held)} MiB of memory, and has ${this.#spec.memoryMb}`)
      child.kill('SIGKILL')
    }, MEMORY_LOOK_MS)
    child.once('exit', () => clearInterval(timer))
    child.once('error', () => clearInterval(timer))
  }
}

function tell(pid) {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // It has ended meanwhile.
  }
}

/** Runs a job once, from beginning to end; one that takes longer than it may is killed. Resolves to whether it went well. */
export async function runOnce(spec, release, { home, log }) {
  await mkdir(home, { recursive: true })
  const { command, args, cwd, environment } = commandOf(spec, release, { home })
  const child = spawn(command, args, { cwd, env: environment, stdio: ['ignore', 'inherit', 'inherit'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), spec.timeoutS * 1000)
  const how = await Promise.race([
    once(child, 'exit').then(([code, signal]) => signal ?? code),
    once(child, 'error').then(([error]) => error.message),
  ])
  clearTimeout(timer)
  if (how !== 0) log(`the job ${spec.name} ended with ${how}`)
  return how === 0
}

/** What is answered; 600: nothing. */
function statusOf(port, path) {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port, path, headers: { 'pipi-health': '1' }, timeout: ANSWER_MS, agent: false },
      (response) => {
        response.resume()
        resolve(response.statusCode)
      },
    )
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(600))
  })
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}
