import type { EngineEvent } from '@pulumi/pulumi/automation/index.js'

export interface StackChange {
  urn: string
  type: string
  /** Pulumi's operation: create, update, replace, create-replacement, delete, import, same, refresh… */
  operation: string
  status: 'begun' | 'done' | 'failed'
  id?: string
}

export interface StackEvents {
  onEvent(event: EngineEvent): void
  changes: StackChange[]
  failures: { urn?: string; message: string }[]
}

/** Keeps what changed and what failed from the engine's event stream; `onChange` hears each as it comes. */
export function listenToEvents(onChange?: (change: StackChange) => void): StackEvents {
  const changes: StackChange[] = []
  const failures: { urn?: string; message: string }[] = []
  const note = (change: StackChange) => {
    if (change.operation === 'same' || change.type === 'pulumi:pulumi:Stack') return
    if (change.status !== 'begun') changes.push(change)
    onChange?.(change)
  }
  return {
    changes,
    failures,
    onEvent(event) {
      const pre = event.resourcePreEvent?.metadata
      if (pre !== undefined) note({ urn: pre.urn, type: pre.type, operation: pre.op, status: 'begun' })
      const out = event.resOutputsEvent?.metadata
      if (out !== undefined) {
        const id = out.new?.id ?? out.old?.id
        note({ urn: out.urn, type: out.type, operation: out.op, status: 'done', ...(id ? { id } : {}) })
      }
      const failed = event.resOpFailedEvent?.metadata
      if (failed !== undefined) note({ urn: failed.urn, type: failed.type, operation: failed.op, status: 'failed' })
      const diagnostic = event.diagnosticEvent
      if (diagnostic?.severity === 'error') {
        const message = tidy(diagnostic.message)
        if (message !== '') failures.push({ ...(diagnostic.urn ? { urn: diagnostic.urn } : {}), message })
      }
    },
  }
}

/** Colour marks of the CLI (`<{%reset%}>`) and empty lines are not for machines. */
function tidy(message: string): string {
  return message
    .replaceAll(/<\{%[^%]*%\}>/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n')
}
