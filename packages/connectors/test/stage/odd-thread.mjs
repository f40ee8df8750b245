/** A thread of sources that does what the name of a source says: `throws` where nobody can catch it, `fails` by itself, `sticks`, or says in which thread it is. */
import { parentPort, threadId } from 'node:worker_threads'

parentPort.on('message', ({ kind, id, task, message }) => {
  const end = (why) => parentPort.postMessage({ id, said: { kind: 'ended', message: why } })
  if (kind === 'close') parentPort.close()
  else if (kind === 'run') parentPort.postMessage({ id, said: { kind: 'figures', figures: [], lost: threadId } })
  else if (message.kind === 'stop') end('it ended')
  else if (message.question.tag === 'fails') end('a connector is broken')
  else if (message.question.tag === 'sticks') for (;;);
  else
    setTimeout(() => {
      throw new RangeError('offset is out of bounds')
    })
  void task
})
