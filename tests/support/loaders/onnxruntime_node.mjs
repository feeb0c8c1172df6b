// Prints what onnxruntime-node makes of bundles, with the ids of @huggingface/tokenizers: MODULES FOLDER-OF-BUNDLES
// NAME… < texts by bundle, as JSON.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [modules, folder, ...names] = process.argv.slice(2)
const load = createRequire(`${modules}/`)
const { InferenceSession, Tensor } = load('onnxruntime-node')
const { Tokenizer } = load('@huggingface/tokenizers')
let input = ''
for await (const part of process.stdin) input += part
const texts = JSON.parse(input)
const answers = {}
for (const name of names) {
  const read = (file) => JSON.parse(readFileSync(join(folder, name, file), 'utf-8'))
  const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'))
  const session = await InferenceSession.create(join(folder, name, 'onnx', 'model_quantized.onnx'))
  answers[name] = []
  for (const text of texts[name]) {
    const { ids } = tokenizer.encode(text)
    const filled = (value) => new Tensor('int64', BigInt64Array.from(ids, value), [1, ids.length])
    const given = { input_ids: filled(BigInt), attention_mask: filled(() => 1n), token_type_ids: filled(() => 0n) }
    const feeds = Object.fromEntries(session.inputNames.map((each) => [each, given[each]]))
    const { data, dims } = (await session.run(feeds))[session.outputNames[0]]
    const width = dims.at(-1)
    const rows = Array.from({ length: data.length / width }, (_, at) => Array.from(data.slice(at * width, (at + 1) * width)))
    answers[name].push({ ids, output: dims.length === 2 ? rows[0] : rows })
  }
}
console.log(JSON.stringify(answers))
