"""The other side of exports and imports: NumPy and hnswlib do what is asked and print JSON.

write FILE DTYPE ORDER VERSION < rows   numpy saves an array
read FILE                               numpy loads one
search INDEX NPY K EF                   hnswlib loads the graph behind Voyager's header, and builds its own; how many of
                                        the exact K nearest of noisy vectors each of them finds
"""
import json
import sys

import numpy as np


def write(path, dtype, order, version):
    rows = np.array(json.load(sys.stdin), dtype=dtype, order=order)
    with open(path, "wb") as file:
        np.lib.format.write_array(file, rows, version=tuple(map(int, version.split("."))))
    return rows.shape


def read(path):
    rows = np.load(path)
    return {"dtype": rows.dtype.str, "shape": rows.shape, "rows": rows.astype(float).tolist()}


def search(index, array, k, ef):
    import hnswlib

    header = 19
    rows, k = np.load(array), int(k)
    graph = index + ".hnsw"
    with open(index, "rb") as file, open(graph, "wb") as out:
        out.write(file.read()[header:])
    theirs = hnswlib.Index(space="ip", dim=rows.shape[1])
    theirs.init_index(len(rows), M=12, ef_construction=200, random_seed=1)
    theirs.set_num_threads(1)
    theirs.add_items(rows)
    ours = hnswlib.Index(space="ip", dim=rows.shape[1])
    ours.load_index(graph)
    probes = rows[:: max(1, len(rows) // 200)]
    probes = probes + 0.02 * np.random.default_rng(1).standard_normal(probes.shape).astype("f4")
    exact = np.argsort(-(probes @ rows.T), axis=1)[:, :k]
    recall = []
    for searched in (ours, theirs):
        searched.set_ef(int(ef))
        found, _ = searched.knn_query(probes, k=k)
        recall.append(float(np.mean([len(set(a) & set(b)) / k for a, b in zip(found, exact)])))
    kept = np.array(ours.get_items(range(len(rows))))
    return {"count": ours.get_current_count(), "M": ours.M, "ef_construction": ours.ef_construction,
            "same": bool(np.array_equal(kept, rows)), "ours": recall[0], "theirs": recall[1]}


print(json.dumps({"write": write, "read": read, "search": search}[sys.argv[1]](*sys.argv[2:])))
