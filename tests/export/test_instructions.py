import numpy as np
from linnet.instructions import PROBE
from onnx import TensorProto, checker, helper, load_from_string, numpy_helper


def test_the_probe_is_the_graph_that_it_says() -> None:
    columns = numpy_helper.from_array(np.full((64, 32), 127, dtype=np.int8), "columns")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["rows", "columns"], ["sums"])],
        "probe",
        [helper.make_tensor_value_info("rows", TensorProto.UINT8, ["n", 64])],
        [helper.make_tensor_value_info("sums", TensorProto.INT32, ["n", 32])],
        [columns],
    )
    found = load_from_string(PROBE)
    checker.check_model(found, full_check=True)
    assert found == helper.make_model(graph, opset_imports=[helper.make_opsetid("", 10)], ir_version=7)
