import pino from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
/** One line of the platform's own log. Never a secret in `message` or `data`. */
export type Log = (level: LogLevel, message: string, data?: Record<string, unknown>) => void

/** JSON lines on standard error, so that standard output belongs to what a command prints. */
export function openLog(level: LogLevel, name: string): Log {
  const logger = pino(
    {
      level,
      base: { name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  )
  return (at, message, data) => logger[at](data ?? {}, message)
}
