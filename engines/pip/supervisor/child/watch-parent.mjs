// Loaded before a child's own module. The supervisor holds the other end of file descriptor 3: when the supervisor is
// gone, however it went, the pipe closes and the child goes too. Plain JavaScript: stripping types would cost each child 18 MB.
import { Socket } from 'node:net'

const GONE = 70
const end = () => process.exit(GONE)
new Socket({ fd: 3, readable: true, writable: false }).on('error', end).on('close', end).resume().unref()
