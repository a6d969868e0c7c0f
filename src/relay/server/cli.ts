#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { runRelayCli } from './run-cli.ts'

const stopped = new Promise<void>((resolve) => {
  process.once('SIGINT', resolve)
  process.once('SIGTERM', resolve)
})

process.exitCode = await runRelayCli(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  read: (path) => readFile(path, 'utf8'),
  stopped,
})
