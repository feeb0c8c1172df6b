"""What PyInstaller cannot see in the imports of `linnet`: the files of the embedded default, if it is installed."""

from PyInstaller.utils.hooks import can_import_module, collect_data_files

datas = collect_data_files("linnet_default") if can_import_module("linnet_default") else []
