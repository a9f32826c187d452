/** MiB of one session that does something, with what it sorts in. */
const SESSION_MIB = 5

/** How many sessions its users get, by the MiB of its server. */
export function sessionsOf(memory: number): number {
  return Math.max(8, Math.min(200, Math.floor((memory * 0.6) / SESSION_MIB)))
}

/** The server's settings for MiB of memory, MiB of data, and the major version, which knows some of them. */
export function settingsFor(given: {
  memory: number
  size: number
  port: number
  major: number
}): Record<string, string> {
  const { memory, size, port, major } = given
  return {
    port: String(port),
    // Nobody else's: neither a neighbour's machine nor another user's socket.
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    // Three beside the users': ours.
    max_connections: String(sessionsOf(memory) + 3),
    superuser_reserved_connections: '3',
    shared_buffers: `${Math.floor(memory / 4)}MB`,
    work_mem: '2MB',
    maintenance_work_mem: `${Math.max(8, Math.floor(memory / 8))}MB`,
    temp_buffers: '1MB',
    // What does not fit into memory goes to disk, and there it counts.
    temp_file_limit: `${Math.max(16, Math.min(1024, Math.ceil(size / 10)))}MB`,
    max_worker_processes: '2',
    max_parallel_workers: '0',
    autovacuum_max_workers: '1',
    jit: 'off',
    huge_pages: 'off',
    // Nothing is copied to another server: the log ahead of the tables stays small.
    wal_level: 'minimal',
    max_wal_senders: '0',
    wal_buffers: '1MB',
    min_wal_size: '16MB',
    max_wal_size: '32MB',
    max_prepared_transactions: '0',
    tcp_keepalives_idle: '30',
    idle_in_transaction_session_timeout: '10min',
    // What a client was refused it hears itself. Never a statement in the log: it may carry what users call secret. `terse`:
    // nor what a session was in the middle of when it crashed or was ended, which is told as detail and context.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] ',
    ...(major < 18 ? {} : { io_method: 'sync' }),
  }
}
