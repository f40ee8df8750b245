/** The next action for each error code about the files of versions, their tests and their vulnerabilities. */
import type { ErrorCode } from '@skerry/contract/errors/errors'

export const versionAdvice = {
  model_not_onnx: 'Export the model as ONNX (`torch.onnx.export`, `skl2onnx`, `tf2onnx`) and push that file.',
  model_too_complex:
    'Check the file. Exporters make such graphs if they unroll a loop, or write functions that call each other. The message names the limit.',
  agent_missing: 'Make a package for the machine with `npm run pack`, and push it with `skerry agent push FILE`.',
  agent_invalid:
    'Make the package again with `npm run pack`, or download it again. A package is pushed whole with `skerry agent push FILE`.',
  os_invalid:
    "Build the image with SWUpdate's tools, as a cpio archive in the format `crc`, with `sw-description` first and `sw-description.sig` second. See [operating systems](../devices/operating-systems.md).",
  test_report_unknown: 'Use a digest of `skerry model tests NAME:VERSION`.',
  test_report_refused:
    'Run the checks on exactly this version, and sign with a key that `skerry signing-key ls` shows as an active key of a publisher.',
  test_suites_full: 'Write the name of an existing suite into `suite:` of the check file.',
  version_untested:
    'Run the checks of the suite, and attach the signed result: `skerry test NAME:VERSION --sign KEY.pem --attach`. `skerry test-rule ls` shows the rules.',
  version_vulnerable:
    'Push a version whose part is repaired, or accept the risk for some time with `skerry vulnerability accept ID --for 30d --reason REASON`. `skerry vulnerability rules` shows the rules.',
  vulnerability_unknown:
    'Import its advisory with `skerry vulnerability import FILE`, or use an id of `skerry vulnerability ls`.',
  advisories_full: 'Import only the advisories of the ecosystems that your apps use.',
  ddi_unknown: 'Use `skerry device show NAME`. `skerry device ddi add` adds devices without an agent.',
  ddi_taken: 'See `skerry device ls`, and choose another name or another `--controller`.',
  ddi_token_refused:
    'Compare the tenant, the controller id and the token of the updater with `skerry device ddi show NAME`. `skerry device ddi token NAME` makes a new token.',
  ddi_action_unknown: 'Nothing to do: the updater reads its order at its next poll.',
  ddi_action_ended: 'Nothing to do: the hub has the result of the order already.',
  app_invalid: 'The message names the service and the field. `skerry app lint FILE` checks the same before a push.',
  gguf_invalid:
    'Download or convert the file again with the tools of llama.cpp. The message names the part of the header, or the field of language.json.',
  flow_invalid:
    'The message names the file and the place in it. `skerry flow validate FILE` checks the same before a push.',
  model_kind_differs: 'Push it under another name; `skerry model ls` shows which names are models and which are flows.',
  version_not_model: '`skerry flow show` shows the parts of a flow.',
  model_incomplete: 'Push the external data files together with the model: the message names the missing ones.',
  model_path_unsafe: 'Save the model again with its external data beside it, under plain relative names.',
  model_opset_unsupported: 'Export again with the opset that the message names, or an older one.',
  model_operator_unsupported: 'The message names the operator. Export without custom operators.',
  model_form_unsupported:
    'The message names the part. Export the model to ONNX with a converter of its framework, such as skl2onnx or onnxmltools, and push that.',
  model_form_invalid:
    'The message names the field. Save the model again; a file that was edited or cut cannot be read.',
  model_input_unsupported:
    'The message names the input or output. Sequences, maps and optionals cannot be served; use tensors.',
  model_load_failed:
    'The message is from the runtime. `onnx.checker.check_model(model, full_check=True)` often says more.',
  model_load_timeout:
    'If the model is small, the hub was busy: push it again. Otherwise run `onnxsim` or `onnx.inliner` on the file first: the runtime spends the time on the graph. A model that loads slowly here loads even slower on a small device.',
  model_memory_exceeded: 'Quantise or split the model. Devices have less memory than the hub.',
  push_queue_full:
    'The uploads are kept. Wait as long as Retry-After says, then push again. Each organisation has its own share.',
  model_crashed:
    'The runtime crashed in native code, so the model or the runtime has a fault. The last good version continues to serve.',
  golden_invalid: 'Compare names, types and shapes of the golden inputs with `skerry model show`.',
  golden_timeout: 'Push fewer or smaller golden inputs. A model that is slow here is slower on a small device.',
  golden_memory_exceeded: 'Push smaller golden inputs, with a batch of one.',
  golden_reference_differs:
    'Compare with the framework where the model was exported: evaluation mode, opset, preprocessing, and the order of inputs. If the difference is acceptable, state it with `--tolerance-abs` and `--tolerance-rel`.',
  golden_not_finite:
    'Look for a division by zero or an overflow in the model, or for a golden input outside the range of the model.',
} as const satisfies Partial<Record<ErrorCode, string>>
