"""What PyInstaller cannot see in the imports of `linnet.serving`: the files of the server's page."""

from PyInstaller.utils.hooks import collect_data_files

datas = collect_data_files("linnet.serving")
